// The ways on which members of a call hear of each other.

import type { Message } from './message';

/** Somebody in the call, by the address at which others reach the person. */
export interface Present {
  address: string;
  /** Empty for guests. */
  userId: string;
  name?: string;
  /** The session of the call, where the server tells it. */
  session?: string;
}

/** Why somebody is out of the call. */
export type End = 'removed' | 'deleted' | 'elsewhere' | 'lapsed';

/** What a call learns from its signaling. */
export interface Listener {
  /** Everybody in the call, whenever that may have changed. */
  present(everybody: Present[]): void;
  heard(from: string, message: Message): void;
  /** Whether the server is reached at the moment. */
  reached(isReached: boolean): void;
  /** The room is another: its name, its people, or its rights. */
  changed(): void;
  /** Something was said in the chat, or may have been without an announcement. */
  said(): void;
  /** The session is over: `lapsed` when joining again is all it needs. */
  ended(why: End): void;
}

/** A way of signaling, for one session of one call. */
export interface Signaling {
  /** The address by which others reach this member; empty until it is known. */
  readonly address: string;
  /** Whether it announces each message of the chat. */
  readonly announcesChat: boolean;
  /** Whether a media server stands between the members. */
  readonly hasMediaServer: boolean;
  send(to: string, message: Message): void;
  /** Looks whether the server is still reached, because others are not. */
  doubt(): void;
  /** Ends it, and says nothing any more. */
  close(): void;
}
