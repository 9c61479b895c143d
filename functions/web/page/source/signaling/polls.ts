// Signaling by polls: a request waits for messages while another one carries them.

import { api, content, Refusal, TALK } from '../api/client';
import { type Message, parsedText } from './message';
import type { Listener, Present, Signaling } from './types';

/** How many messages a request may carry. */
const MESSAGES_AT_ONCE = 100;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;
/** After this long without an answer the server may have forgotten the session, and nobody was removed. */
const LAPSE = 45_000;
/** How many lists without this session in a row say that it is over. */
const MOST_STRANGE_LISTS = 2;

export class Polls implements Signaling {
  readonly hasMediaServer = false;
  readonly announcesChat = false;
  private waiting: { to: string; message: Message }[] = [];
  private isSending = false;
  private readonly stop = new AbortController();
  private lastAnswer = Date.now();
  private strangeLists = 0;

  constructor(
    private readonly token: string,
    readonly address: string,
    private readonly listener: Listener,
  ) {
    void this.receive();
    addEventListener('online', this.hurry);
  }

  send(to: string, message: Message): void {
    this.waiting.push({ to, message });
    if (!this.isSending) void this.flush();
  }

  doubt(): void {
    // Each poll has an end, after which it is known.
  }

  close(): void {
    this.stop.abort();
    removeEventListener('online', this.hurry);
  }

  private wake = () => {};
  private readonly hurry = () => this.wake();

  private rest(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  private async flush(): Promise<void> {
    this.isSending = true;
    let pause = FIRST_PAUSE;
    while (this.waiting.length && !this.stop.signal.aborted) {
      const batch = this.waiting.slice(0, MESSAGES_AT_ONCE);
      const entries = batch.map(({ to, message }) => ({
        ev: 'message', sessionId: this.address, fn: JSON.stringify({ ...message, to }),
      }));
      try {
        await content(api.POST(`${TALK}/signaling/{token}`, {
          params: { path: { token: this.token } }, body: { messages: JSON.stringify(entries) }, signal: this.stop.signal,
        }));
        this.waiting.splice(0, batch.length);
        pause = FIRST_PAUSE;
      } catch (cause) {
        // What the server will not have, it will not have the second time.
        if (cause instanceof Refusal && cause.status >= 400 && cause.status < 500 && cause.status !== 429) {
          this.waiting.splice(0, batch.length);
        } else {
          await this.rest(pause);
          pause = Math.min(2 * pause, LONGEST_PAUSE);
        }
      }
    }
    this.isSending = false;
  }

  private async receive(): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!this.stop.signal.aborted) {
      try {
        const answer = await content(api.GET(`${TALK}/signaling/{token}`, {
          params: { path: { token: this.token } }, signal: this.stop.signal,
        }));
        this.lastAnswer = Date.now();
        this.listener.reached(true);
        this.read(answer as Entry[]);
        pause = FIRST_PAUSE;
      } catch (cause) {
        if (this.stop.signal.aborted) return;
        if (cause instanceof Refusal && [401, 403, 404].includes(cause.status)) {
          const wasLost = Date.now() - this.lastAnswer > LAPSE;
          this.close();
          this.listener.ended(wasLost ? 'lapsed' : 'removed');
          return;
        }
        this.listener.reached(false);
        await this.rest(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
    }
  }

  /** Reads who is there before what they say: who has just come may have said something already. */
  private read(entries: Entry[]): void {
    for (const entry of entries) if (entry.type === 'usersInRoom') this.listed(entry.data);
    for (const entry of entries) {
      if (entry.type !== 'message' || this.stop.signal.aborted) continue;
      const message = parsedText(entry.data);
      if (message) this.listener.heard(senderOf(entry.data), message);
    }
  }

  private listed(users: { sessionId: string; userId: string }[]): void {
    const everybody: Present[] = users.map(({ sessionId, userId }) => ({ address: sessionId, userId, session: sessionId }));
    // Another tab of this browser, or another device of this person, has the session now.
    this.strangeLists = everybody.some(({ address }) => address === this.address) ? 0 : this.strangeLists + 1;
    if (this.strangeLists < MOST_STRANGE_LISTS) return this.listener.present(everybody);
    this.close();
    this.listener.ended('elsewhere');
  }
}

/** Who said it, as the server wrote into the message. */
function senderOf(text: string): string {
  return String((JSON.parse(text) as { from?: unknown }).from ?? '');
}

type Entry = { type: 'message'; data: string } | { type: 'usersInRoom'; data: { sessionId: string; userId: string }[] };
