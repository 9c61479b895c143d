// Signaling over a WebSocket: that of the stack, or that of an external signaling server, which speak alike.

import { type Message, parsed } from './message';
import type { End, Listener, Present, Signaling } from './types';

const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 8_000;
/** How many messages are kept while there is no socket. */
const MOST_UNSENT = 300;
/** A server that says nothing for this long after a socket was opened is not reached. */
const PATIENCE = 12_000;
/** A socket on which nothing came for this long may be dead: the stack says something every four minutes. */
const SILENCE = 5 * 60_000;
/** A doubt is looked into at most this often. */
const DOUBT_MILLISECONDS = 10_000;

export interface Credentials {
  server: string;
  backend: string;
  auth: unknown;
}

interface Frame {
  id?: string;
  type: string;
  hello?: { sessionid: string; resumeid: string; server?: { features?: string[] } };
  error?: { code: string; message?: string };
  bye?: { reason?: string };
  message?: { sender: { sessionid: string }; data: unknown };
  event?: { target: string; type: string } & Record<string, unknown>;
}

/** Tells of another network, where the browser does. */
const network = (navigator as { connection?: EventTarget }).connection;

interface Joined { sessionid: string; userid?: string; user?: { displayname?: string }; roomsessionid?: string }
interface InCall { sessionId?: string; sessionid?: string; userId?: string; userid?: string; inCall: number | boolean }

export class Socket implements Signaling {
  address = '';
  hasMediaServer = false;
  readonly announcesChat = true;
  private socket: WebSocket | undefined;
  private resumeId = '';
  private isOver = false;
  /** Whether the session is in the room, over this socket. */
  private isIn = false;
  private unsent: object[] = [];
  private pause = FIRST_PAUSE;
  private timer = 0;
  private silence = 0;
  private opened = 0;
  /** Those in the room by a socket, and those in its call; each list knows what the other does not. */
  private readonly room = new Map<string, Joined>();
  private call = new Map<string, string>();
  /** After a resume, the first list of all in the call stands for what was missed. */
  private isFresh = false;

  constructor(
    private readonly token: string,
    private readonly session: string,
    private readonly credentials: Credentials,
    private readonly listener: Listener,
  ) {
    this.open();
    addEventListener('online', this.anew);
    network?.addEventListener('change', this.anew);
  }

  send(to: string, message: Message): void {
    this.unsent.push({ type: 'message', message: { recipient: { type: 'session', sessionid: to }, data: { to, ...message } } });
    this.unsent.splice(0, this.unsent.length - MOST_UNSENT);
    this.flush();
  }

  /** Writes what was said while there was no socket, or no room yet. */
  private flush(): void {
    if (this.isIn && this.socket?.readyState === WebSocket.OPEN) this.unsent.splice(0).forEach((frame) => this.write(frame));
  }

  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    removeEventListener('online', this.anew);
    network?.removeEventListener('change', this.anew);
    this.write({ type: 'bye', bye: {} });
    this.socket?.close();
  }

  doubt(): void {
    if (Date.now() - this.opened > DOUBT_MILLISECONDS) this.anew();
  }

  /** Goes on over another socket. One whose network is gone looks open for as long as the system waits for it. */
  private readonly anew = () => {
    if (!this.isOver) this.open();
  };

  private write(frame: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private open(): void {
    const former = this.socket;
    this.isIn = false;
    this.opened = Date.now();
    const socket = new WebSocket(`${this.credentials.server.replace(/^http/, 'ws').replace(/\/+$/, '')}/spreed`);
    this.socket = socket;
    const { backend: url, auth: params } = this.credentials;
    const proof = this.resumeId ? { resumeid: this.resumeId } : { auth: { url, params } };
    socket.onopen = () => this.write({ id: 'hello', type: 'hello', hello: { version: '1.0', ...proof } });
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket || this.isOver) return;
      clearTimeout(this.silence);
      this.silence = setTimeout(this.anew, SILENCE);
      try {
        this.read(JSON.parse(data) as Frame);
      } catch (cause) {
        console.error('A frame was not understood.', cause);
      }
    };
    socket.onclose = () => {
      if (socket === this.socket && !this.isOver) this.retry();
    };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { if (socket === this.socket) { socket.close(); this.retry(); } }, PATIENCE);
    if (former && former.readyState <= WebSocket.OPEN) former.close();
  }

  private retry(): void {
    this.listener.reached(false);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
  }

  private end(why: End): void {
    this.close();
    this.listener.ended(why);
  }

  private read(frame: Frame): void {
    switch (frame.type) {
      case 'hello': return this.welcomed(frame.hello!);
      case 'error': return this.refused(frame);
      case 'bye': return this.end(frame.bye?.reason === 'room_session_reconnected' ? 'elsewhere' : 'lapsed');
      case 'room': return this.entered(frame);
      case 'message': {
        const message = parsed(frame.message!.data);
        return message && this.listener.heard(frame.message!.sender.sessionid, message);
      }
      case 'event': return this.happened(frame.event!);
    }
  }

  private welcomed({ sessionid, resumeid, server }: NonNullable<Frame['hello']>): void {
    clearTimeout(this.timer);
    this.pause = FIRST_PAUSE;
    this.hasMediaServer = server?.features?.includes('mcu') ?? false;
    const isResumed = this.address === sessionid;
    this.address = sessionid;
    this.resumeId = resumeid;
    if (isResumed) {
      this.begin();
      // Without a socket, nothing was announced.
      return this.listener.said();
    }
    this.write({ id: 'room', type: 'room', room: { roomid: this.token, sessionid: this.session } });
  }

  private refused({ error, id }: Frame): void {
    const code = error?.code ?? '';
    // The server is about to close a socket that has become old; the session goes on over another one.
    if (code === 'hello_expected') return this.open();
    const isFinal = code !== 'processing_failed' && code !== 'too_many_requests';
    if (isFinal && (id === 'hello' || id === 'room')) return this.end('lapsed');
    if (id === 'hello' || id === 'room') this.socket?.close();
  }

  private entered(frame: Frame & { room?: { roomid: string } }): void {
    if (frame.id === 'room') this.begin();
    else if (frame.room?.roomid === this.token) this.listener.changed();
  }

  /** The session is in the room. */
  private begin(): void {
    this.isIn = true;
    this.listener.reached(true);
    this.flush();
  }

  private happened(event: NonNullable<Frame['event']>): void {
    const { target, type } = event;
    if (target === 'room' && type === 'join') return this.joined(event.join as Joined[]);
    if (target === 'room' && type === 'leave') {
      for (const id of event.leave as string[]) { this.room.delete(id); this.call.delete(id); }
      return this.tell();
    }
    if (target === 'participants' && type === 'update') return this.updated(event.update as { users?: InCall[] });
    const about = event[type] as { roomid?: string; reason?: string; data?: unknown } | undefined;
    if (target === 'room' && type === 'message') {
      if (about?.roomid === this.token && parsed(about.data)?.type === 'chat') this.listener.said();
      return;
    }
    if (target === 'roomlist' && about?.roomid === this.token) {
      if (type === 'disinvite') return this.end(about.reason === 'deleted' ? 'deleted' : 'removed');
      this.listener.changed();
    }
  }

  private joined(list: Joined[]): void {
    // A list with this session in it names everybody.
    if (list.some(({ sessionid }) => sessionid === this.address)) {
      this.room.clear();
      this.isFresh = true;
    }
    for (const member of list) this.room.set(member.sessionid, member);
    if (list.length) this.tell();
  }

  private updated({ users }: { users?: InCall[] }): void {
    if (!users) return;
    const read = users.map((user) => ({
      id: user.sessionId ?? user.sessionid ?? '', userId: user.userId ?? user.userid ?? '', isIn: Boolean(user.inCall),
    }));
    const own = read.find(({ id }) => id === this.address);
    if (own && !own.isIn && this.call.has(this.address)) return this.end('elsewhere');
    if (this.isFresh && own) {
      this.isFresh = false;
      this.call = new Map();
    }
    for (const { id, userId, isIn } of read) {
      if (isIn) this.call.set(id, userId);
      else this.call.delete(id);
    }
    this.tell();
    this.listener.changed();
  }

  private tell(): void {
    const everybody: Present[] = [...this.call].map(([address, userId]) => {
      const known = this.room.get(address);
      return { address, userId, name: known?.user?.displayname, session: known?.roomsessionid };
    });
    this.listener.present(everybody);
  }
}
