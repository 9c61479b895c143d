// My rooms: what they are, who is in the call now, and the way in.

import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { account } from '../api/account';
import { api, content, type Conversation, TALK_4 } from '../api/client';
import { GUEST, PUBLIC } from '../call/room';
import { textOf } from '../chat/words';
import { Icon } from '../parts/Icon';
import { iconOf, kindOf } from '../parts/kinds';
import { copyLink } from '../parts/link';
import { follow } from '../parts/route';
import { Title } from '../parts/Title';
import { Unread } from '../parts/Unread';
import { count, list, t } from '../text';
import { inWords } from '../text/failure';
import { NewRoom } from './NewRoom';
import { RoomDialog } from './RoomSettings';

/** How often the list is read while somebody looks at it. */
const READ_MILLISECONDS = 30_000;

const rooms = signal<Conversation[] | undefined>(undefined);
const inCalls = signal<Record<string, string[]>>({});
const failure = signal<unknown>(undefined);

/** Who is in the call of a room by name; guests are told of as a number. */
async function callers({ token }: Conversation): Promise<string[]> {
  const people = await content(api.GET(`${TALK_4}/room/{token}/participants`, { params: { path: { token } } }));
  const present = people.filter(({ inCall }) => inCall);
  const names = present.filter(({ participantType }) => participantType !== GUEST).map(({ displayName, actorId }) => displayName || actorId);
  const guests = present.length - names.length;
  return guests ? [...names, count('guests', guests)] : names;
}

export async function readRooms(): Promise<void> {
  try {
    const read = await content(api.GET(`${TALK_4}/room`));
    rooms.value = read;
    failure.value = undefined;
    const active = read.filter(({ hasCall }) => hasCall);
    const names = await Promise.all(active.map(async (room) => [room.token, await callers(room).catch(() => [])] as const));
    inCalls.value = Object.fromEntries(names);
  } catch (cause) {
    failure.value = cause;
  }
}

export function Rooms() {
  const [isMaking, setMaking] = useState(false);
  const [managed, setManaged] = useState<string>();
  useEffect(() => {
    void readRooms();
    const read = () => { if (document.visibilityState === 'visible') void readRooms(); };
    const timer = setInterval(read, READ_MILLISECONDS);
    document.addEventListener('visibilitychange', read);
    return () => { clearInterval(timer); document.removeEventListener('visibilitychange', read); };
  }, []);
  return (
    <main class="content">
      <Title text={t('rooms')} add={{ label: t('room.new'), act: () => setMaking(true) }} />
      {failure.value !== undefined && <p class="notice" role="alert">{inWords(failure.value)}</p>}
      <RoomList manage={setManaged} />
      {isMaking && <NewRoom close={() => { setMaking(false); void readRooms(); }} />}
      {managed && <RoomDialog token={managed} close={() => { setManaged(undefined); void readRooms(); }} />}
    </main>
  );
}

function RoomList({ manage }: { manage(token: string): void }) {
  const known = rooms.value;
  if (!known) return <p class="quiet" role="status">{t('loading')}</p>;
  if (!known.length) return <div class="empty"><Icon name="people" /><p>{t('rooms.none')}</p></div>;
  const isQuiet = ({ token }: Conversation) => Number(!inCalls.value[token]?.length);
  const sorted = [...known].sort((a, b) => isQuiet(a) - isQuiet(b) || b.lastActivity - a.lastActivity);
  return <ul class="rooms">{sorted.map((room) => <RoomRow key={room.token} room={room} manage={manage} />)}</ul>;
}

function RoomRow({ room, manage }: { room: Conversation; manage(token: string): void }) {
  const callers = inCalls.value[room.token] ?? [];
  return (
    <li class={callers.length ? 'card room busy' : 'card room'}>
      <span class="room-mark"><Icon name={iconOf(room)} /></span>
      <div class="room-words">
        <h2>
          <a href={`/call/${room.token}`} onClick={follow}>{room.displayName}</a>{' '}
          <UnreadMark room={room} />
        </h2>
        <p class="quiet">
          {kindOf(room)}{room.hasPassword && room.type === PUBLIC && ` · ${t('room.hasPassword')}`}
        </p>
        <LastMessage room={room} />
        {callers.length > 0 && <p class="now"><span class="dot" />{t('room.now', { names: list(callers) })}</p>}
      </div>
      <div class="room-does">
        {room.type === PUBLIC && (
          <button type="button" class="plain" onClick={() => void copyLink(room.token)} aria-label={t('link.copyOf', { name: room.displayName })}>
            <Icon name="link" /><span>{t('link.copy')}</span>
          </button>
        )}
        <button type="button" class="plain" onClick={() => manage(room.token)} aria-label={t('room.manageOf', { name: room.displayName })}>
          <Icon name="settings" /><span>{t('room.manage')}</span>
        </button>
      </div>
    </li>
  );
}

function UnreadMark({ room: { unreadMessages, unreadMention } }: { room: Conversation }) {
  if (!unreadMessages) return null;
  const words = [count('rooms.unread', unreadMessages), ...(unreadMention ? [t('rooms.mentioned')] : [])].join('. ');
  return <span title={words}><Unread number={unreadMessages} isMentioned={unreadMention} /><span class="hidden">{words}</span></span>;
}

/** The last message, with its author. System messages name their actor themselves. */
function LastMessage({ room: { lastMessage } }: { room: Conversation }) {
  const reader = account.value?.id ?? '';
  if (!('message' in lastMessage)) return null;
  const { messageType, actorId, actorDisplayName } = lastMessage;
  const name = actorId === reader ? t('self') : actorDisplayName || actorId;
  return (
    <p class="last-message quiet" dir="auto">
      {messageType === 'comment' && <>{name}: </>}{textOf(lastMessage, reader)}
    </p>
  );
}
