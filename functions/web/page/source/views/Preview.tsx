// How one will look and sound to the others, before and during a call.

import { useEffect, useState } from 'preact/hooks';
import { LOOK_MILLISECONDS, Meter } from '../call/level';
import type { Kind, Media, Trouble } from '../call/media';
import { Avatar } from '../parts/Avatar';
import { Icon } from '../parts/Icon';
import { type Key, t } from '../text';
import { Picture } from './Picture';

export function Preview({ media, name }: { media: Media; name: string }) {
  return (
    <section class="preview" aria-label={t('preview')}>
      <div class="preview-picture">
        {media.video.value ? <Picture stream={media.stream} isOwn label={t('preview')} /> : <Avatar name={name} size="large" />}
        <div class="bar small">
          <MicrophoneButton media={media} />
          <CameraButton media={media} />
        </div>
        <Level track={media.audio.value} isMuted={media.isMuted.value} />
      </div>
      <Troubles media={media} />
    </section>
  );
}

export function MicrophoneButton({ media }: { media: Media }) {
  const isOn = media.audio.value !== undefined && !media.isMuted.value;
  return (
    <button type="button" class={isOn ? 'round' : 'round off'} aria-pressed={!isOn} aria-label={t('mute')} title={t(isOn ? 'mute' : 'unmute')}
      onClick={() => void media.toggleAudio()}>
      <Icon name={isOn ? 'microphone' : 'muted'} />
    </button>
  );
}

export function CameraButton({ media }: { media: Media }) {
  const isOn = media.video.value !== undefined;
  return (
    <button type="button" class={isOn ? 'round' : 'round off'} aria-pressed={!isOn} aria-label={t('camera.off')}
      title={t(isOn ? 'camera.off' : 'camera.on')} onClick={() => void media.toggleVideo()}>
      <Icon name={isOn ? 'camera' : 'cameraOff'} />
    </button>
  );
}

/** Why there is no picture or no sound, and what to do about it. */
export function Troubles({ media }: { media: Media }) {
  const troubles = Object.entries(media.trouble.value) as [Kind, Trouble][];
  if (!troubles.length) return null;
  const isOne = troubles.length === 2 && troubles[0]![1] === troubles[1]![1];
  const keys: Key[] = isOne ? [`trouble.both.${troubles[0]![1]}`] : troubles.map(([kind, trouble]) => `trouble.${kind}.${trouble}` as Key);
  return <div class="notice" role="status">{keys.map((key) => <p key={key}>{t(key)}</p>)}</div>;
}

const KINDS: [MediaDeviceKind, Kind | 'speaker', Key][] = [
  ['audioinput', 'audio', 'device.audio'], ['videoinput', 'video', 'device.video'], ['audiooutput', 'speaker', 'device.speaker'],
];

/** Which devices are used; a browser names them once it may use them. */
export function Devices({ media }: { media: Media }) {
  const known = media.devices.value.filter(({ label, deviceId }) => label && deviceId);
  if (!known.length) return null;
  return (
    <div class="devices">
      {KINDS.map(([kind, name, label]) => {
        const ofKind = known.filter((device) => device.kind === kind);
        if (!ofKind.length) return null;
        const used = name === 'speaker' ? undefined : media[name].value?.getSettings().deviceId;
        const own = [used, media.choice.value[name]].find((id) => ofKind.some(({ deviceId }) => deviceId === id));
        return (
          <label key={kind} class="field">
            <span>{t(label)}</span>
            <select value={own ?? ofKind[0]!.deviceId} onChange={({ currentTarget }) => void media.choose(name, currentTarget.value)}>
              {ofKind.map((device) => <option key={device.deviceId} value={device.deviceId}>{device.label}</option>)}
            </select>
          </label>
        );
      })}
    </div>
  );
}

function Level({ track, isMuted }: { track: MediaStreamTrack | undefined; isMuted: boolean }) {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!track || isMuted) return setLevel(0);
    const meter = new Meter(track);
    const timer = setInterval(() => setLevel(Math.min(1, meter.level() * 6)), LOOK_MILLISECONDS / 2);
    return () => { clearInterval(timer); meter.close(); };
  }, [track, isMuted]);
  return <meter class="level" min={0} max={1} value={level} aria-label={t('level')} />;
}
