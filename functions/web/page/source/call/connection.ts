// One RTCPeerConnection to one other, for camera and microphone or for a screen.

import { fieldsOf, type Message, parsedText } from '../signaling/message';
import type { Quality } from './quality';

export type RoomType = 'video' | 'screen';
export type State = 'connecting' | 'connected' | 'failed';

/** How long a connection may be in a state before it is tried once more. */
const PATIENCE_MILLISECONDS: Partial<Record<RTCPeerConnectionState, number>> = { connecting: 20_000, disconnected: 4_000, failed: 0 };
/** An offer without an answer is repeated after this long. */
const UNANSWERED_MILLISECONDS = 10_000;

export interface Sources {
  audio: MediaStreamTrack | undefined;
  video: MediaStreamTrack | undefined;
  stream: MediaStream;
}

export interface Options {
  roomType: RoomType;
  iceServers: RTCIceServer[];
  /** Whether this side makes the offers. */
  isOffering: boolean;
  /** What is sent; none, and this side only receives. */
  sources?: Sources;
  /** Whether anything is received. */
  isReceiving: boolean;
  quality: Quality;
  nick: string;
  send(message: Message): void;
  tracks(stream: MediaStream): void;
  state(state: State): void;
  status(message: Message): void;
  channelOpened(): void;
}

/** A name that no other connection has; browsers make UUIDs only for pages with HTTPS. */
const newName = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

export class Connection {
  readonly peer: RTCPeerConnection;
  readonly received = new MediaStream();
  private channel: RTCDataChannel | undefined;
  private early: RTCIceCandidateInit[] = [];
  private timer = 0;
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly options: Options, public sid: string = newName()) {
    // One way for all that is sent: a third of the candidates, each of which is a message that somebody pays for.
    this.peer = new RTCPeerConnection({ iceServers: options.iceServers, bundlePolicy: 'max-bundle' });
    this.peer.onicecandidate = ({ candidate }) => {
      if (candidate) this.say('candidate', { candidate: candidate.toJSON() });
    };
    this.peer.ontrack = ({ track }) => {
      this.received.addTrack(track);
      track.onunmute = () => options.tracks(this.received);
      options.tracks(this.received);
    };
    this.peer.onconnectionstatechange = () => this.moved();
    this.peer.ondatachannel = ({ channel }) => this.use(channel);
    if (options.isOffering) this.begin();
  }

  /** Reads what the other one says about this connection, one message after the other. */
  hear(message: Message): void {
    this.turn = this.turn.then(() => this.read(message)).catch((cause) => console.warn('A connection stumbled.', cause));
  }

  /** Sends another track, or none, in place of what is sent. */
  replace(kind: 'audio' | 'video', track: MediaStreamTrack | undefined): void {
    const sender = this.sender(kind);
    // The camera may have another size, so that it has to be made smaller by another measure.
    void sender?.replaceTrack(track ?? null).then(() => this.limit(this.options.quality)).catch(() => {});
  }

  /** Sends a word beside the media, if the way is open. */
  tell(message: Message): boolean {
    if (this.channel?.readyState !== 'open') return false;
    this.channel.send(JSON.stringify(message));
    return true;
  }

  async limit(quality: Quality): Promise<void> {
    this.options.quality = quality;
    const sender = this.sender('video');
    const parameters = sender?.getParameters();
    if (!sender || !parameters?.encodings?.[0] || this.options.roomType === 'screen') return;
    const { width = quality.width } = sender.track?.getSettings() ?? {};
    Object.assign(parameters.encodings[0], {
      scaleResolutionDownBy: Math.max(1, width / quality.width), maxBitrate: quality.bitrate, maxFramerate: quality.framerate,
    });
    await sender.setParameters(parameters).catch(() => {});
  }

  close(): void {
    clearTimeout(this.timer);
    this.peer.onconnectionstatechange = null;
    this.peer.close();
  }

  private sender(kind: string): RTCRtpSender | undefined {
    const transceivers = this.peer.getTransceivers();
    return transceivers.find(({ receiver }) => receiver.track.kind === kind)?.sender;
  }

  private begin(): void {
    const { sources, isReceiving, roomType } = this.options;
    const direction = isReceiving ? (sources ? 'sendrecv' : 'recvonly') : 'sendonly';
    for (const kind of ['audio', 'video'] as const) {
      const track = sources?.[kind];
      // A screen often has no sound.
      if (!track && roomType === 'screen') continue;
      this.peer.addTransceiver(track ?? kind, { direction, streams: sources ? [sources.stream] : [] });
    }
    if (roomType === 'video') this.use(this.peer.createDataChannel('status'));
    void this.offer();
  }

  private async offer(iceRestart = false): Promise<void> {
    clearTimeout(this.timer);
    if (this.peer.signalingState === 'closed') return;
    await this.peer.setLocalDescription(await this.peer.createOffer({ iceRestart }));
    this.sayDescription();
    this.timer = setTimeout(() => {
      if (this.peer.signalingState === 'have-local-offer') void this.offer(iceRestart);
    }, UNANSWERED_MILLISECONDS);
  }

  private sayDescription(): void {
    const { type, sdp } = this.peer.localDescription!;
    this.say(type, { type, sdp, nick: this.options.nick });
  }

  private async read(message: Message): Promise<void> {
    const { type } = message;
    const { sdp, candidate: sent } = fieldsOf(message);
    if (type === 'candidate') {
      const candidate = sent as RTCIceCandidateInit;
      if (!this.peer.remoteDescription) this.early.push(candidate);
      else await this.peer.addIceCandidate(candidate);
      return;
    }
    if (type === 'answer' && this.peer.signalingState !== 'have-local-offer') return;
    await this.peer.setRemoteDescription({ type: type as RTCSdpType, sdp: String(sdp) });
    if (type === 'offer') await this.answer();
    for (const candidate of this.early.splice(0)) await this.peer.addIceCandidate(candidate);
    await this.limit(this.options.quality);
  }

  private async answer(): Promise<void> {
    const { sources } = this.options;
    for (const transceiver of sources ? this.peer.getTransceivers() : []) {
      const kind = transceiver.receiver.track.kind as 'audio' | 'video';
      transceiver.direction = 'sendrecv';
      transceiver.sender.setStreams(sources!.stream);
      await transceiver.sender.replaceTrack(sources![kind] ?? null);
    }
    await this.peer.setLocalDescription(await this.peer.createAnswer());
    this.sayDescription();
  }

  private moved(): void {
    const state = this.peer.connectionState;
    clearTimeout(this.timer);
    if (state === 'connected') this.options.state('connected');
    if (state === 'failed') this.options.state('failed');
    if (state === 'disconnected') this.options.state('connecting');
    const patience = PATIENCE_MILLISECONDS[state];
    if (this.options.isOffering && patience !== undefined) this.timer = setTimeout(() => void this.offer(true), patience);
  }

  private use(channel: RTCDataChannel): void {
    this.channel = channel;
    channel.onopen = () => this.options.channelOpened();
    if (channel.readyState === 'open') this.options.channelOpened();
    channel.onmessage = ({ data }) => {
      const message = parsedText(String(data));
      if (message) this.options.status(message);
    };
  }

  private say(type: string, payload: unknown): void {
    this.options.send({ type, roomType: this.options.roomType, sid: this.sid, payload });
  }
}
