/**
 * Where the bytes of an input come from. A pipe is read as a stream, because a read that waits for somebody to write must end
 * when the job does; the same read of a file handle would keep a thread, and the process, forever.
 */
import { constants, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import type { InputFile } from '../job/files.ts';

export interface InputSource {
  /** Reads until `buffer` is full or the input ends; gives how many bytes there are. */
  fill(buffer: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** Opens an input; reading it rejects when `signal` aborts, if it may take forever. */
export async function openSource({ path, kind }: InputFile, signal: AbortSignal): Promise<InputSource> {
  return kind === 'pipe' ? new PipeSource(path, signal) : new FileSource(await open(path));
}

class FileSource implements InputSource {
  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async fill(buffer: Uint8Array): Promise<number> {
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await this.#file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

class PipeSource implements InputSource {
  readonly #stream: Socket;
  readonly #parts: AsyncIterator<Uint8Array>;
  /** What was read and did not fit the buffer before. */
  #rest: Uint8Array = new Uint8Array(0);

  constructor(path: string, signal: AbortSignal) {
    // Without O_NONBLOCK, opening waits for a writer.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#stream = addAbortSignal(signal, new Socket({ fd, readable: true, writable: false }));
    this.#parts = this.#stream[Symbol.asyncIterator]();
  }

  async fill(buffer: Uint8Array): Promise<number> {
    let length = 0;
    while (length < buffer.length) {
      if (this.#rest.length === 0) {
        const part = await this.#parts.next();
        if (part.done) break;
        this.#rest = part.value;
      }
      const taken = this.#rest.subarray(0, buffer.length - length);
      buffer.set(taken, length);
      length += taken.length;
      this.#rest = this.#rest.subarray(taken.length);
    }
    return length;
  }

  async close(): Promise<void> {
    this.#stream.destroy();
  }
}
