// Who speaks, by the loudness of what is sent and received.

/** From this loudness on, of 0 to 1, somebody speaks. */
export const SPEAKING = 0.02;
export const LOOK_MILLISECONDS = 300;

/** How loud a connection is that is received. */
export function received(peer: RTCPeerConnection): number {
  const audio = peer.getReceivers().find(({ track }) => track.kind === 'audio');
  return audio?.getSynchronizationSources?.()[0]?.audioLevel ?? 0;
}

/** Measures a track of this machine. */
export class Meter {
  private readonly context = new AudioContext();
  private readonly analyser = this.context.createAnalyser();
  private readonly samples: Float32Array<ArrayBuffer>;

  constructor(track: MediaStreamTrack) {
    this.analyser.fftSize = 512;
    this.samples = new Float32Array(this.analyser.fftSize);
    this.context.createMediaStreamSource(new MediaStream([track])).connect(this.analyser);
  }

  level(): number {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    return Math.sqrt(power);
  }

  close(): void {
    void this.context.close();
  }
}
