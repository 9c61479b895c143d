// One person in the grid of a call.

import type { Media } from '../call/media';
import type { Member } from '../call/members';
import { Avatar } from '../parts/Avatar';
import { Icon } from '../parts/Icon';
import { t } from '../text';
import { Picture } from './Picture';

export function Tile({ member, hasTurn, speaker }: { member: Member; hasTurn: boolean; speaker?: string }) {
  const { name, media, hasVideo, isMuted, isSpeaking, hasHandUp, state } = member;
  const isSeen = Boolean(media && hasVideo && state === 'connected');
  return (
    <li class={isSpeaking ? 'tile speaking' : 'tile'} data-state={state}>
      {/* The sound comes by it, too, so it is there without a picture. */}
      {media && <Picture stream={media} label={name} speaker={speaker} isHidden={!isSeen} />}
      {!isSeen && <Avatar name={name} size="large" />}
      {state === 'connecting' && <p class="tile-state" role="status">{t('connecting')}</p>}
      {state === 'failed' && <p class="tile-state" role="status">{t(hasTurn ? 'failed' : 'failed.noTurn')}</p>}
      <Caption name={name} isMuted={isMuted} isSpeaking={isSpeaking} hasHandUp={hasHandUp} />
    </li>
  );
}

export function OwnTile({ media, name, hasHandUp }: { media: Media; name: string; hasHandUp: boolean }) {
  const isMuted = !media.audio.value || media.isMuted.value;
  return (
    <li class="tile own">
      {media.video.value ? <Picture stream={media.stream} isOwn label={t('self')} /> : <Avatar name={name} size="large" />}
      <Caption name={t('self')} isMuted={isMuted} isSpeaking={false} hasHandUp={hasHandUp} />
    </li>
  );
}

function Caption({ name, isMuted, isSpeaking, hasHandUp }: { name: string; isMuted: boolean; isSpeaking: boolean; hasHandUp: boolean }) {
  return (
    <p class="caption">
      {hasHandUp && <span class="sign hand" title={t('hand.up')}><Icon name="hand" /><span class="hidden">{t('hand.up')}</span></span>}
      {isMuted && <span class="sign" title={t('muted')}><Icon name="muted" /><span class="hidden">{t('muted')}</span></span>}
      <span class="name">{name}</span>
      {isSpeaking && <span class="hidden">{t('speaking')}</span>}
    </p>
  );
}

export function Screen({ stream, name, isOwn = false, speaker }: { stream: MediaStream; name: string; isOwn?: boolean; speaker?: string }) {
  const label = isOwn ? t('screen.own') : t('screen.of', { name });
  return (
    <figure class="screen">
      <Picture stream={stream} isOwn={isOwn} isScreen label={label} speaker={speaker} />
      <figcaption>{label}</figcaption>
    </figure>
  );
}
