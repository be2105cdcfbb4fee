/**
 * What a host and a worker thread say to each other: plain, cloneable data, nothing that belongs to one platform, so that web
 * workers can serve it as well. The host sends one `Assignment`; the worker answers with reports, the last of which is an
 * `ended` or a `failed`. A thread that ends without either has died.
 */
import type { Domain, PoolHandle, WindowGrant } from '@pool/core';
import type { LaidSegments } from '../job/segment-strategy.ts';
import type { HostFunctionName } from './host-functions.ts';

/** Everything one instance needs. */
export interface Assignment {
  /** `program#index`: how the instance is called in messages. */
  readonly name: string;
  readonly pool: PoolHandle;
  /** The binary program; the worker verifies it for itself. */
  readonly program: Uint8Array;
  readonly windows: readonly WindowGrant[];
  readonly domains: readonly Domain[];
  /** Where segments have their bytes and when they are written again; `undefined` in a job without segments. */
  readonly segments: LaidSegments | undefined;
  /** Functions of the host that it may call; the thread has them. */
  readonly imports: readonly HostFunctionName[];
  readonly entry: string;
  readonly arguments: readonly bigint[];
  /** `undefined`: no limit. */
  readonly fuel: number | undefined;
  readonly memoryBytes: number;
}

/** How an instance came to its end. */
export type Ending =
  | { readonly kind: 'done'; readonly value: bigint | undefined }
  | { readonly kind: 'trap'; readonly text: string }
  | { readonly kind: 'out of fuel'; readonly text: string };

export type Report =
  | { readonly kind: 'running'; readonly fuelUsed: number }
  /** The program called `log`. */
  | { readonly kind: 'logged'; readonly value: bigint }
  /** So many further calls of `log` were not reported; comes right before `ended`. */
  | { readonly kind: 'unlogged'; readonly count: number }
  | { readonly kind: 'ended'; readonly ending: Ending; readonly fuelUsed: number; readonly engine: string }
  /** The worker could not even begin, or its engine broke: not the program's fault. */
  | { readonly kind: 'failed'; readonly message: string };

/** One end of the line between a host and a worker, whatever carries it. */
export interface Port<Outgoing, Incoming> {
  post(message: Outgoing): void;
  onMessage(receive: (message: Incoming) => void): void;
}

/** A worker thread as its host sees it. */
export interface Thread extends Port<Assignment, Report> {
  /** Called once, when the thread is really gone; `error` if it broke. Only then is what it held nobody's. */
  onExit(exited: (error: Error | undefined) => void): void;
  /** Asks for the end; `onExit` says when. */
  terminate(): void;
}

/** Starts a thread that runs `serve`. This is all of the platform that the host needs. */
export type StartThread = (name: string) => Thread;
