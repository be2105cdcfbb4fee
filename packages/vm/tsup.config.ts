import { library } from '../../tools/tsup.base.ts';
import { literalOpcodes } from './tools/literal-opcodes.ts';

export default {
  ...library({
    platform: 'neutral',
    entry: {
      index: 'src/index.ts',
    },
  }),
  esbuildPlugins: [literalOpcodes],
};
