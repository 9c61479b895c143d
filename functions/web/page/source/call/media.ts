// Camera, microphone and speakers of this machine.

import { signal } from '@preact/signals';
import { stored } from '../parts/stored';
import { type Quality, quality } from './quality';

export type Kind = 'audio' | 'video';
/** Why a device gives nothing. */
export type Trouble = 'denied' | 'missing' | 'busy' | 'insecure';

const PLACE = 'devices';

interface Choice { audio?: string; video?: string; speaker?: string }

function troubleOf(cause: unknown): Trouble {
  switch ((cause as DOMException).name) {
    case 'NotAllowedError': case 'SecurityError': return 'denied';
    case 'NotFoundError': case 'OverconstrainedError': return 'missing';
    default: return 'busy';
  }
}

/** The devices of this machine, what they give, and what is chosen among them. */
export class Media {
  readonly audio = signal<MediaStreamTrack | undefined>(undefined);
  readonly video = signal<MediaStreamTrack | undefined>(undefined);
  readonly isMuted = signal(false);
  readonly trouble = signal<Partial<Record<Kind, Trouble>>>({});
  readonly devices = signal<MediaDeviceInfo[]>([]);
  readonly choice = signal<Choice>(stored(PLACE) ?? {});
  /** What is sent: the same stream whatever is in it. */
  readonly stream = new MediaStream();
  private quality = quality(0);
  private isOpened = false;
  private isClosed = false;
  private readonly look = () => void this.list();

  constructor() {
    navigator.mediaDevices?.addEventListener('devicechange', this.look);
  }

  /** Asks for both once, and takes what there is: what somebody switched off later stays off. */
  async open(): Promise<void> {
    if (this.isOpened) return;
    this.isOpened = true;
    if (!navigator.mediaDevices) {
      this.trouble.value = { audio: 'insecure', video: 'insecure' };
      return;
    }
    // One question for both, where both are there.
    try {
      const both = await navigator.mediaDevices.getUserMedia({ audio: this.wanted('audio'), video: this.wanted('video') });
      for (const track of both.getTracks()) this.take(track.kind as Kind, track);
    } catch {
      await this.on('audio');
      await this.on('video');
    }
    await this.list();
  }

  /** Switches a device on. */
  async on(kind: Kind): Promise<void> {
    if (!navigator.mediaDevices) return;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ [kind]: this.wanted(kind) });
      this.take(kind, stream.getTracks()[0]);
    } catch (cause) {
      this.take(kind, undefined);
      this.trouble.value = { ...this.trouble.value, [kind]: troubleOf(cause) };
    }
  }

  /** Switches the camera on or off; off, its light is off, too. */
  async toggleVideo(): Promise<void> {
    if (this.video.value) this.take('video', undefined);
    else await this.on('video');
  }

  /** Mutes the microphone, or not; one that was not there is asked for again. */
  async toggleAudio(): Promise<void> {
    if (!this.audio.value) {
      this.isMuted.value = false;
      return this.on('audio');
    }
    this.isMuted.value = !this.isMuted.value;
    this.audio.value.enabled = !this.isMuted.value;
  }

  async choose(kind: Kind | 'speaker', id: string): Promise<void> {
    this.choice.value = { ...this.choice.value, [kind]: id };
    localStorage.setItem(PLACE, JSON.stringify(this.choice.value));
    if (kind !== 'speaker' && this[kind].value) await this.on(kind);
  }

  /** Takes no more of the camera than is sent, which spares every encoder the work. */
  async limit(quality: Quality): Promise<void> {
    this.quality = quality;
    await this.video.value?.applyConstraints(this.picture()).catch(() => {});
  }

  close(): void {
    this.isClosed = true;
    navigator.mediaDevices?.removeEventListener('devicechange', this.look);
    this.take('audio', undefined);
    this.take('video', undefined);
  }

  private wanted(kind: Kind): MediaTrackConstraints {
    const deviceId = this.choice.value[kind];
    const device = deviceId ? { deviceId } : {};
    if (kind === 'audio') return { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    return { ...device, ...this.picture() };
  }

  private picture(): MediaTrackConstraints {
    const { width, framerate } = this.quality;
    return { width: { ideal: width }, height: { ideal: width * 9 / 16 }, frameRate: { ideal: framerate, max: framerate } };
  }

  private take(kind: Kind, track: MediaStreamTrack | undefined): void {
    // An answer to a question that nobody waits for any more: its light must not stay on.
    if (this.isClosed && track) return track.stop();
    const former = this[kind].value;
    if (former && former !== track) {
      this.stream.removeTrack(former);
      former.stop();
    }
    if (track) {
      this.stream.addTrack(track);
      if (kind === 'audio') track.enabled = !this.isMuted.value;
      track.onended = () => {
        if (this[kind].value !== track) return;
        this.take(kind, undefined);
        this.trouble.value = { ...this.trouble.value, [kind]: 'missing' };
      };
      const { [kind]: _, ...others } = this.trouble.value;
      this.trouble.value = others;
    }
    this[kind].value = track;
  }

  private async list(): Promise<void> {
    this.devices.value = await navigator.mediaDevices.enumerateDevices();
  }
}
