/** What thread-stream writes to: adds the bytes up that came, in a word that the sending thread reads. */
import { Writable } from 'node:stream';

// biome-ignore lint/style/noDefaultExport: it is what thread-stream looks for
export default function open({ counted }: { readonly counted: SharedArrayBuffer }): Writable {
  const bytes = new Float64Array(counted);
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      bytes[0] = (bytes[0] as number) + chunk.length;
      done();
    },
  });
}
