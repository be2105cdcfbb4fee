import { library } from '../tools/tsup.base.ts';

export default library({
  platform: 'node',
  entry: {
    main: 'src/main.ts',
    one: 'src/one.ts',
    'workers/allocate': 'src/workers/allocate.ts',
    'workers/contend': 'src/workers/contend.ts',
    'workers/explore': 'src/workers/explore.ts',
    'workers/handoff': 'src/workers/handoff.ts',
    'workers/sync': 'src/workers/sync.ts',
    'workers/thread-stream': 'src/workers/thread-stream.ts',
  },
});
