import { library } from '../../tools/tsup.base.ts';

export default library({
  platform: 'node',
  entry: {
    index: 'src/index.ts',
    'check-worker': 'src/check-worker.ts',
    cli: 'src/cli.ts',
    worker: 'src/worker.ts',
  },
});
