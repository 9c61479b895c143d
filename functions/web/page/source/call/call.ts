// One call from joining to leaving, with all that may happen to it meanwhile.

import { computed, signal } from '@preact/signals';
import { account } from '../api/account';
import { api, content, identified, Refusal, TALK } from '../api/client';
import { Polls } from '../signaling/polls';
import { Socket } from '../signaling/socket';
import type { End, Listener, Signaling } from '../signaling/types';
import type { Media } from './media';
import { Members, tagOf } from './members';

export type Phase = 'joining' | 'in' | 'reconnecting' | 'over';

/** How often a session that lapsed is followed by another one before people are asked. */
const MOST_REJOINS = 5;
const REJOIN_PAUSE = 1_500;

export class Call {
  readonly phase = signal<Phase>('joining');
  readonly end = signal<End | undefined>(undefined);
  readonly members = signal<Members | undefined>(undefined);
  readonly others = computed(() => this.members.value?.list.value ?? []);
  readonly hasTurn = signal(false);
  readonly hasMediaServer = signal(false);
  /** Counts the moments at which the room may be another. */
  readonly changes = signal(0);
  /** Counts the announcements of messages in the chat. */
  readonly said = signal(0);
  /** Whether every message is announced at the moment. */
  readonly announcesChat = computed(() => this.phase.value === 'in' && this.hasAnnouncements.value);
  private readonly hasAnnouncements = signal(false);
  private signaling: Signaling | undefined;
  private rejoins = 0;
  /** Whether the server was asked to let this session in, and did. */
  private hasSession = false;
  private known = '';
  private readonly hide = () => this.leave();

  constructor(
    readonly token: string,
    readonly media: Media,
    readonly name: string,
    private readonly password: string,
  ) {}

  /** Joins. A refusal is thrown: 403 says that the password is wrong. */
  async join(): Promise<void> {
    addEventListener('pagehide', this.hide);
    try {
      await this.begin();
    } catch (cause) {
      this.finish();
      if (this.hasSession) this.tellLeft();
      throw cause;
    }
  }

  /** Leaves, also when the page is about to go. */
  leave(): void {
    if (this.phase.value === 'over') return;
    this.finish();
    this.tellLeft();
  }

  private tellLeft(): void {
    // At once: the client of the API would wait a moment, which a page that goes does not have.
    const request = { method: 'DELETE', headers: identified(new Headers()), keepalive: true };
    const left = fetch(`${TALK}/call/${this.token}`, request);
    left.catch((cause) => console.warn('The server was not told that this call is over.', cause));
  }

  private async begin(): Promise<void> {
    const path = { token: this.token };
    const body = { password: this.password };
    const { sessionId } = await content(api.POST(`${TALK}/call/{token}`, { params: { path }, body }));
    this.hasSession = true;
    // Somebody who gave up meanwhile is not in the call.
    if (this.isOver()) return this.tellLeft();
    const settings = await content(api.GET(`${TALK}/signaling/settings`));
    if (Array.isArray(settings)) throw new Error('There are no settings.');
    const own = { name: this.name, userId: account.value?.id ?? '', tag: await tagOf(sessionId) };
    if (this.isOver()) return;
    const { server, helloAuthParams, stunservers, turnservers } = settings;
    this.hasTurn.value = turnservers.length > 0;
    const backend = `${location.origin}${TALK}/signaling/backend`;
    const listener = this.listener();
    const signaling = server.length
      ? new Socket(this.token, sessionId, { server: server as string, backend, auth: helloAuthParams['1.0'] }, listener)
      : new Polls(this.token, sessionId, listener);
    this.signaling = signaling;
    this.hasAnnouncements.value = signaling.announcesChat;
    const iceServers = [
      ...stunservers.map(({ url }) => ({ urls: url })),
      ...turnservers.map(({ urls, username, credential }) => ({ urls, username, credential })),
    ];
    this.members.value = new Members({ signaling, media: this.media, iceServers, own });
    if (signaling instanceof Polls) this.phase.value = 'in';
  }

  private listener(): Listener {
    return {
      present: (everybody) => {
        this.hasMediaServer.value = this.signaling?.hasMediaServer ?? false;
        this.members.value?.present(everybody);
        const addresses = everybody.map(({ address }) => address).sort().join();
        if (addresses !== this.known) this.changes.value += 1;
        this.known = addresses;
      },
      heard: (from, message) => this.members.value?.heard(from, message),
      reached: (isReached) => {
        if (this.isOver()) return;
        if (isReached) this.rejoins = 0;
        this.phase.value = isReached ? 'in' : this.phase.value === 'joining' ? 'joining' : 'reconnecting';
      },
      changed: () => { this.changes.value += 1; },
      said: () => { this.said.value += 1; },
      ended: (why) => void this.ended(why),
    };
  }

  /** Asked after each wait: meanwhile somebody may have left. */
  private isOver(): boolean {
    return this.phase.value === 'over';
  }

  private async ended(why: End): Promise<void> {
    if (this.isOver()) return;
    this.members.value?.close();
    if (why !== 'lapsed' || this.rejoins >= MOST_REJOINS) return this.finish(why);
    this.phase.value = 'reconnecting';
    const pause = this.rejoins * REJOIN_PAUSE;
    this.rejoins += 1;
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (this.isOver()) return;
    try {
      await this.begin();
    } catch (cause) {
      const isRefused = cause instanceof Refusal && [401, 403, 404].includes(cause.status);
      await this.ended(isRefused ? 'removed' : 'lapsed');
    }
  }

  /** Ends everything here. The server knows, and may have another session of this person by now. */
  private finish(why?: End): void {
    removeEventListener('pagehide', this.hide);
    this.members.value?.close();
    this.signaling?.close();
    this.end.value = why;
    this.phase.value = 'over';
  }
}
