import { library } from '../../tools/tsup.base.ts';

export default library({
  platform: 'node',
  entry: {
    index: 'src/index.ts',
    cli: 'src/cli.ts',
    worker: 'src/worker.ts',
  },
});
