import { library } from '../tools/tsup.base.ts';

export default library({
  platform: 'node',
  entry: {
    main: 'src/main.ts',
    one: 'src/one.ts',
    'workers/handoff': 'src/workers/handoff.ts',
  },
});
