import { library } from '../../tools/tsup.base.ts';

export default library({
  platform: 'neutral',
  entry: {
    index: 'src/index.ts',
  },
});
