// The chat of a room, as one member sees it: its messages, how many of them are unread, and what the member writes.

import { signal } from '@preact/signals';
import { api, content, type Conversation, type Message, Refusal, TALK, TALK_4 } from '../api/client';
import { Draft } from './draft';
import { isChange, isFromPerson, merged, type Reactors, withReactions } from './merge';
import { LONGEST_PAGE, pageAfter, pageBefore } from './pages';
import { type Outcome, Rhythm } from './rhythm';

const USUAL_PAGE = 50;
/** The number of messages that are loaded above the first unread one. */
const READ_ABOVE = 20;
/** The pages that are read at once to find a message at all: reports of reactions and edits are no rows of their own. */
const MOST_PAGES = 10;
/** The server ends a page early, if its messages are long. A page with fewer characters than this is whole. */
const SHORT_PAGE = 200_000;
/** The permission to write and react. */
const MAY_WRITE = 128;
const ALL_READ = { number: 0, isMentioned: false };

export class ChatStore {
  readonly room = signal<Conversation | undefined>(undefined);
  /** The earliest first; undefined until they are loaded. */
  readonly messages = signal<Message[] | undefined>(undefined);
  readonly hasEarlier = signal(false);
  readonly isReadingEarlier = signal(false);
  readonly unread = signal(ALL_READ);
  /** The last message that was read before the chat came into view; -1 if nothing was new. */
  readonly readBefore = signal(-1);
  readonly failure = signal<unknown>(undefined);
  readonly draft = new Draft(this);
  /** The references of the messages that this page has sent. */
  readonly references = new Set<string>();
  private readonly stop = new AbortController();
  private readonly rhythm = new Rhythm(() => this.look());
  private isOpen = false;
  /** Whether the member was away, so that the line above what is new has to be drawn again. */
  private wasAway = true;
  private latest = 0;
  private earliest = 0;
  /** The last message that the server knows to be read. */
  private read = 0;
  /** The mark that is on its way. */
  private marking: Promise<unknown> = Promise.resolve();

  /** `changed` is called when the room itself may have changed. */
  constructor(readonly token: string, readonly user: string, private readonly changed: () => void) {
    document.addEventListener('visibilitychange', this.noteHidden);
    this.rhythm.hurry();
  }

  /** Whether the member may write and react, as far as is known. */
  get mayWrite(): boolean {
    const room = this.room.value;
    return !room || (!room.readOnly && (room.permissions & MAY_WRITE) > 0);
  }

  /** Sets whether the chat is in view while the page is. */
  show(isOpen: boolean): void {
    if (isOpen === this.isOpen) return;
    this.isOpen = isOpen;
    this.wasAway = true;
    this.rhythm.hurry();
  }

  /** Looks for what the server has just announced. */
  readonly heard = () => this.rhythm.hurry();

  /** Sets whether the server announces messages at the moment. */
  announce(isAnnounced: boolean): void {
    this.rhythm.announce(isAnnounced);
  }

  /** Stops asking, and listens to no answer that is still on its way. */
  close(): void {
    this.rhythm.close();
    this.stop.abort();
    document.removeEventListener('visibilitychange', this.noteHidden);
  }

  private readonly noteHidden = () => {
    if (document.visibilityState === 'hidden') this.wasAway = true;
  };

  private async look(): Promise<Outcome> {
    try {
      const hasNews = this.isOpen ? await this.readOn() : await this.readRoom();
      this.failure.value = undefined;
      return hasNews ? 'news' : 'nothing';
    } catch (cause) {
      if (this.stop.signal.aborted) return 'nothing';
      this.failure.value = cause;
      this.wasAway = true;
      if (cause instanceof Refusal && cause.status === 404) this.changed();
      return 'failure';
    }
  }

  /** Reads the room with its number of unread messages. Tells whether anything has happened in it. */
  async readRoom(): Promise<boolean> {
    const { signal } = this.stop;
    const room = await content(api.GET(`${TALK_4}/room/{token}`, { params: { path: { token: this.token } }, signal }));
    const hasNews = room.lastActivity !== this.room.value?.lastActivity;
    this.room.value = room;
    this.read = Math.max(this.read, room.lastReadMessage);
    this.unread.value = { number: room.unreadMessages, isMentioned: room.unreadMention };
    return hasNews;
  }

  private async readOn(): Promise<boolean> {
    const wasAway = this.wasAway;
    this.wasAway = false;
    if (wasAway) {
      await this.readRoom();
      const { unreadMessages, lastReadMessage } = this.room.value!;
      // The last one read is -2 when the member has never read anything.
      this.readBefore.value = unreadMessages ? Math.max(lastReadMessage, 0) : -1;
      // After a long absence, the latest messages matter more than those where the member left off.
      if (unreadMessages >= LONGEST_PAGE) this.messages.value = undefined;
    }
    const hasNews = this.messages.value ? await this.readNews() : await this.readLatest();
    await this.markRead();
    return hasNews || wasAway;
  }

  private async readLatest(): Promise<boolean> {
    const limit = Math.min(Math.max(this.unread.value.number + READ_ABOVE, USUAL_PAGE), LONGEST_PAGE);
    const { messages, last } = await pageBefore(this.token, 0, limit, this.stop.signal);
    this.latest = messages[0]?.id ?? 0;
    this.earliest = last;
    this.hasEarlier.value = last > 1;
    this.messages.value = [];
    this.take(messages);
    for (let page = 1; page < MOST_PAGES && !this.messages.value.length && this.hasEarlier.value; page += 1) {
      await this.readPage(LONGEST_PAGE);
    }
    return true;
  }

  private async readNews(): Promise<boolean> {
    let hasNews = false;
    for (let isMore = true; isMore;) {
      const { messages, last } = await pageAfter(this.token, this.latest, this.stop.signal);
      this.latest = Math.max(this.latest, last);
      this.take(messages);
      this.refreshReactions(messages);
      isMore = messages.length === LONGEST_PAGE || JSON.stringify(messages).length >= SHORT_PAGE;
      hasNews ||= messages.length > 0;
      if (messages.some((message) => !isFromPerson(message) && !isChange(message))) {
        this.changed();
        await this.readRoom();
      }
    }
    return hasNews;
  }

  /** Reads the page before the earliest message that is loaded. */
  async readEarlier(): Promise<void> {
    if (!this.hasEarlier.value || this.isReadingEarlier.value) return;
    this.isReadingEarlier.value = true;
    try {
      await this.readPage(USUAL_PAGE);
    } catch (cause) {
      if (!this.stop.signal.aborted) this.failure.value = cause;
    }
    this.isReadingEarlier.value = false;
  }

  private async readPage(limit: number): Promise<void> {
    const before = this.earliest;
    const { messages, last } = await pageBefore(this.token, before, limit, this.stop.signal);
    // The chat was loaded anew in the meantime.
    if (before !== this.earliest) return;
    this.earliest = last;
    this.hasEarlier.value = messages.length > 0 && last > 1;
    this.take(messages);
  }

  private take(incoming: Message[]): void {
    if (!incoming.length || !this.messages.value) return;
    this.messages.value = merged(this.messages.value, incoming, this);
  }

  /** Reads the reactions to messages of which the member took one back on another device: the report does not say which. */
  private refreshReactions(incoming: Message[]): void {
    const revoked = incoming.filter(({ systemMessage, actorId }) => systemMessage === 'reaction_revoked' && actorId === this.user);
    for (const id of new Set(revoked.map(({ parent }) => parent?.id))) {
      if (this.find(id)?.reactionsSelf?.length) void this.readReactions(id!).catch(() => {});
    }
  }

  find(id: number | undefined): Message | undefined {
    return this.messages.value?.find((message) => message.id === id);
  }

  /** Marks what is in view as read. Own messages need no mark: the server takes writing as reading. */
  private async markRead(): Promise<void> {
    const lastOfOthers = this.messages.value?.findLast((message) => isFromPerson(message) && message.actorId !== this.user)?.id ?? 0;
    const isInView = this.isOpen && document.visibilityState === 'visible';
    // A message that is on its way moves the mark further than this one would.
    if (!isInView || this.draft.isBusy.value || (lastOfOthers <= this.read && !this.unread.value.number)) return;
    const lastReadMessage = this.latest;
    const params = { path: { token: this.token } };
    this.marking = content(api.POST(`${TALK}/chat/{token}/read`, { params, body: { lastReadMessage }, signal: this.stop.signal }));
    await this.marking;
    this.read = lastReadMessage;
    this.unread.value = ALL_READ;
  }

  /** Sends a message, unless an earlier attempt arrived although its answer got lost. */
  async send({ message, replyTo, referenceId }: { message: string; replyTo?: number; referenceId: string }): Promise<void> {
    const isRetry = this.references.has(referenceId);
    this.references.add(referenceId);
    if (isRetry) {
      await (this.messages.value ? this.readNews() : this.readLatest());
      if (this.messages.value?.some((known) => known.referenceId === referenceId && known.actorId === this.user)) return;
    }
    await this.marking.catch(() => {});
    const params = { path: { token: this.token } };
    this.take([await content(api.POST(`${TALK}/chat/{token}`, { params, body: { message, replyTo, referenceId } }))]);
    this.readBefore.value = -1;
    this.rhythm.hurry();
  }

  async edit(id: number, message: string): Promise<void> {
    this.take([await content(api.PUT(`${TALK}/chat/{token}/{message}`, { ...this.about(id), body: { message } }))]);
  }

  async remove(id: number): Promise<void> {
    this.take([await content(api.DELETE(`${TALK}/chat/{token}/{message}`, this.about(id)))]);
  }

  /** Gives a reaction, or takes it back if it is given already. */
  async react(id: number, reaction: string, isGiven: boolean): Promise<void> {
    const { params, signal } = this.about(id);
    const reactors = isGiven
      ? await content(api.DELETE(`${TALK}/reaction/{token}/{message}`, { params: { ...params, query: { reaction } }, signal }))
      : await content(api.POST(`${TALK}/reaction/{token}/{message}`, { params, body: { reaction }, signal }));
    this.setReactions(id, reactors);
  }

  private async readReactions(id: number): Promise<void> {
    this.setReactions(id, await content(api.GET(`${TALK}/reaction/{token}/{message}`, this.about(id))));
  }

  private setReactions(id: number, reactors: Reactors): void {
    this.messages.value = this.messages.value?.map((message) => message.id === id ? withReactions(message, reactors, this.user) : message);
  }

  private about(message: number) {
    return { params: { path: { token: this.token, message } }, signal: this.stop.signal };
  }
}
