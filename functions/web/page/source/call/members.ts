// The others in a call: a connection to each of them, or to the media server in their place, and what they say of
// themselves.

import { signal } from '@preact/signals';
import { fieldsOf, type Message, nameIn } from '../signaling/message';
import type { Present, Signaling } from '../signaling/types';
import { Connection, type Options, type State } from './connection';
import { LOOK_MILLISECONDS, received, SPEAKING } from './level';
import type { Media } from './media';
import { quality } from './quality';

/** Somebody else in the call, as the page shows the person. */
export interface Member {
  address: string;
  userId: string;
  /** What the person calls itself, or the server says; guests may have none. */
  name: string;
  /** What moderators know a guest by: see `tagOf`. */
  tag: string;
  session: string;
  media?: MediaStream;
  screen?: MediaStream;
  isMuted: boolean;
  hasVideo: boolean;
  hasHandUp: boolean;
  isSpeaking: boolean;
  state: State;
}

/** After how long the media server is asked for somebody again. It refuses until it has heard that both are in the call. */
const ASK_AGAIN_MILLISECONDS = { first: 500, longest: 10_000 };

/**
 * What a session is known by to those who may see it in the list of participants, and to nobody else. Empty on a page
 * without HTTPS, where browsers compute no digests.
 */
export async function tagOf(session: string): Promise<string> {
  if (!crypto.subtle) return '';
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(session));
  return [...new Uint8Array(digest, 0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export interface Setting {
  signaling: Signaling;
  media: Media;
  iceServers: RTCIceServer[];
  /** What this member tells of itself. */
  own: { name: string; userId: string; tag: string };
}

export class Members {
  readonly list = signal<Member[]>([]);
  /** The own screen, while it is shown to all. */
  readonly screen = signal<MediaStream | undefined>(undefined);
  readonly hasHandUp = signal(false);
  private readonly connections = new Map<string, Connection>();
  private readonly screens = new Map<string, Connection>();
  private readonly shown = new Map<string, Connection>();
  private publisher: Connection | undefined;
  private readonly asking = new Map<string, number>();
  private readonly look = setInterval(() => this.listen(), LOOK_MILLISECONDS);
  private readonly forget: (() => void)[];

  constructor(private readonly setting: Setting) {
    const { media } = setting;
    this.forget = [
      media.audio.subscribe((track) => this.replaced('audio', track)),
      media.video.subscribe((track) => this.replaced('video', track)),
      media.isMuted.subscribe(() => this.tellAll(this.microphone())),
    ];
  }

  /** Learns who is in the call. */
  present(everybody: Present[]): void {
    const { signaling } = this.setting;
    const others = everybody.filter(({ address }) => address && address !== signaling.address);
    for (const { address } of this.list.value) if (!others.some((other) => other.address === address)) this.left(address);
    const known = new Map(this.list.value.map((member) => [member.address, member]));
    this.list.value = others.map(({ address, userId, name, session }) => {
      const { name: said = '', session: former = '', ...rest } = known.get(address) ?? {};
      return {
        tag: '', isMuted: false, hasVideo: true, hasHandUp: false, isSpeaking: false, state: 'connecting', ...rest,
        address, userId, name: name ?? said, session: session ?? former,
      } as Member;
    });
    if (signaling.hasMediaServer) this.publish();
    for (const { address } of others) if (!known.has(address)) this.arrived(address);
    void this.adapt();
  }

  /** Reads what another member says. */
  heard(from: string, message: Message): void {
    switch (message.type) {
      case 'offer': case 'answer': case 'candidate': return this.negotiated(from, message);
      case 'unshareScreen': return this.hidden(from);
      default: return this.told(from, message);
    }
  }

  /** Shows a screen to all. */
  show(stream: MediaStream): void {
    this.screen.value = stream;
    const { signaling } = this.setting;
    if (signaling.hasMediaServer) this.showTo(signaling.address);
    this.list.value.forEach(({ address }) => this.showNewcomer(address));
  }

  /** Shows the screen no more. */
  hide(): void {
    this.screen.value?.getTracks().forEach((track) => track.stop());
    this.screen.value = undefined;
    this.shown.forEach((connection) => connection.close());
    this.shown.clear();
    for (const { address } of this.list.value) {
      this.setting.signaling.send(address, { type: 'unshareScreen', roomType: 'screen' });
    }
  }

  raiseHand(isUp: boolean): void {
    this.hasHandUp.value = isUp;
    this.tellAll(this.hand());
  }

  close(): void {
    clearInterval(this.look);
    this.forget.forEach((forget) => forget());
    if (this.screen.value) this.hide();
    this.list.value.forEach(({ address }) => this.left(address));
    this.publisher?.close();
    this.list.value = [];
  }

  private arrived(address: string): void {
    const { signaling } = this.setting;
    if (signaling.hasMediaServer) this.ask(address);
    // The larger address calls, so that each pair has one who does.
    else this.connections.set(address, this.connect(address, { isOffering: address < signaling.address }));
    if (this.screen.value) this.showNewcomer(address);
  }

  private left(address: string): void {
    for (const map of [this.connections, this.screens, this.shown]) {
      map.get(address)?.close();
      map.delete(address);
    }
    clearTimeout(this.asking.get(address));
    this.asking.delete(address);
  }

  private connect(address: string, { isOffering, sid }: { isOffering: boolean; sid?: string }): Connection {
    const { signaling } = this.setting;
    return new Connection({
      ...this.common(address), roomType: 'video', isOffering, isReceiving: true,
      sources: signaling.hasMediaServer ? undefined : this.sources(),
      tracks: (stream) => this.change(address, { media: stream }),
      state: (state) => {
        this.change(address, { state });
        if (state === 'failed') signaling.doubt();
      },
      status: (message) => this.told(address, message),
      channelOpened: () => this.introduce(address),
    }, isOffering ? undefined : sid ?? '');
  }

  private common(address: string): Omit<Options, 'roomType' | 'isOffering' | 'isReceiving'> {
    const { signaling, iceServers, own } = this.setting;
    return {
      iceServers, nick: own.name, quality: quality(this.list.value.length),
      send: (message) => signaling.send(address, message),
      tracks: () => {}, state: () => {}, status: () => {}, channelOpened: () => {},
    };
  }

  private sources() {
    const { media } = this.setting;
    return { audio: media.audio.value, video: media.video.value, stream: media.stream };
  }

  private negotiated(from: string, message: Message): void {
    if (from === this.setting.signaling.address) {
      (message.roomType === 'screen' ? this.shown.get(from) : this.publisher)?.hear(message);
      return;
    }
    if (!this.list.value.some(({ address }) => address === from)) return;
    if (message.roomType === 'screen') return this.screenNegotiated(from, message);
    const name = nameIn(fieldsOf(message).nick);
    if (name) this.change(from, { name });
    let connection = this.connections.get(from);
    const isAnother = message.sid && connection?.sid && connection.sid !== message.sid;
    // The other side began anew, or nobody here was waiting for it.
    if (message.type === 'offer' && (!connection || isAnother)) {
      connection?.close();
      connection = this.connect(from, { isOffering: false, sid: message.sid });
      this.connections.set(from, connection);
    } else if (isAnother) {
      return;
    }
    if (connection && !connection.sid && message.sid) connection.sid = message.sid;
    connection?.hear(message);
  }

  private screenNegotiated(from: string, message: Message): void {
    const shown = this.shown.get(from);
    if (shown && (message.type === 'answer' || message.sid === shown.sid)) return shown.hear(message);
    let connection = this.screens.get(from);
    if (message.type === 'offer' && connection && connection.sid !== message.sid) {
      connection.close();
      connection = undefined;
    }
    connection ??= new Connection({
      ...this.common(from), roomType: 'screen', isOffering: false, isReceiving: true,
      tracks: (screen) => this.change(from, { screen }),
    }, message.sid ?? '');
    this.screens.set(from, connection);
    connection.hear(message);
  }

  private hidden(from: string): void {
    this.screens.get(from)?.close();
    this.screens.delete(from);
    this.change(from, { screen: undefined });
  }

  private showNewcomer(address: string): void {
    const { signaling } = this.setting;
    if (signaling.hasMediaServer) signaling.send(address, { type: 'sendoffer', roomType: 'screen' });
    else this.showTo(address);
  }

  private showTo(address: string): void {
    const stream = this.screen.value;
    if (!stream) return;
    const sources = { audio: stream.getAudioTracks()[0], video: stream.getVideoTracks()[0], stream };
    this.shown.get(address)?.close();
    this.shown.set(address, new Connection({
      ...this.common(address), roomType: 'screen', isOffering: true, isReceiving: false, sources,
    }));
  }

  /** Sends to the media server what all others get from there. */
  private publish(): void {
    const { signaling } = this.setting;
    this.publisher ??= new Connection({
      ...this.common(signaling.address), roomType: 'video', isOffering: true, isReceiving: false, sources: this.sources(),
      // Now there is something that others can ask for.
      state: (state) => { if (state === 'connected') this.list.value.forEach(({ address }) => this.introduce(address)); },
    });
  }

  private ask(address: string, pause = ASK_AGAIN_MILLISECONDS.first): void {
    const member = this.list.value.find((other) => other.address === address);
    if (member?.state !== 'connected') {
      this.setting.signaling.send(address, { type: 'requestoffer', roomType: 'video' });
    }
    this.introduce(address);
    const next = Math.min(2 * pause, ASK_AGAIN_MILLISECONDS.longest);
    this.asking.set(address, setTimeout(() => this.ask(address, next), pause));
  }

  /** Somebody says something of itself. */
  private told(from: string, message: Message): void {
    const fields = fieldsOf(message);
    switch (message.type) {
      case 'audioOn': return this.change(from, { isMuted: false });
      case 'audioOff': return this.change(from, { isMuted: true, isSpeaking: false });
      case 'videoOn': return this.change(from, { hasVideo: true });
      case 'videoOff': return this.change(from, { hasVideo: false });
      case 'unmute': case 'mute': {
        const isOff = message.type === 'mute';
        return this.change(from, fields.name === 'video' ? { hasVideo: !isOff } : { isMuted: isOff });
      }
      case 'raiseHand': return this.change(from, { hasHandUp: Boolean(fields.state) });
      case 'nickChanged': {
        const name = nameIn(message.payload) ?? nameIn(fields.name);
        const { tag } = fields;
        return this.change(from, { ...(name && { name }), ...(typeof tag === 'string' && { tag }) });
      }
    }
  }

  private introduce(address: string): void {
    const { name, userId, tag } = this.setting.own;
    for (const message of [
      { type: 'nickChanged', payload: { name, userid: userId, tag } }, this.microphone(), this.camera(), this.hand(),
    ]) this.tell(address, message);
  }

  private tell(address: string, message: Message): void {
    if (this.connections.get(address)?.tell(message)) return;
    // Through a media server nobody has a way of its own to the others.
    if (this.setting.signaling.hasMediaServer) this.setting.signaling.send(address, { ...message, roomType: 'video' });
  }

  private tellAll(message: Message): void {
    this.list.value.forEach(({ address }) => this.tell(address, message));
  }

  private microphone(): Message {
    const { audio, isMuted } = this.setting.media;
    return { type: audio.value && !isMuted.value ? 'audioOn' : 'audioOff' };
  }

  private camera(): Message {
    return { type: this.setting.media.video.value ? 'videoOn' : 'videoOff' };
  }

  private hand(): Message {
    return { type: 'raiseHand', payload: { state: this.hasHandUp.value, timestamp: Date.now() } };
  }

  private replaced(kind: 'audio' | 'video', track: MediaStreamTrack | undefined): void {
    const connections = this.publisher ? [this.publisher] : [...this.connections.values()];
    connections.forEach((connection) => connection.replace(kind, track));
    this.tellAll(kind === 'audio' ? this.microphone() : this.camera());
  }

  /** Takes and sends as much of the camera as fits the number of people. */
  private async adapt(): Promise<void> {
    if (this.publisher) return;
    await this.setting.media.limit(quality(this.list.value.length));
    // By how much a picture is made smaller depends on the size in which it is taken by now.
    this.connections.forEach((connection) => void connection.limit(quality(this.list.value.length)));
  }

  private listen(): void {
    for (const { address, isSpeaking, isMuted } of this.list.value) {
      const connection = this.connections.get(address);
      if (!connection) continue;
      const speaks = !isMuted && received(connection.peer) > SPEAKING;
      if (speaks !== isSpeaking) this.change(address, { isSpeaking: speaks });
    }
  }

  private change(address: string, fields: Partial<Member>): void {
    this.list.value = this.list.value.map((member) => member.address === address ? { ...member, ...fields } : member);
  }
}
