// The call: everybody in a grid, what one does at the bottom, and the room at the side.

import { useEffect, useRef, useState } from 'preact/hooks';
import { account } from '../api/account';
import type { Call } from '../call/call';
import { type Member, tagOf } from '../call/members';
import { MESH_PEOPLE } from '../call/quality';
import { GUEST, type RoomStore } from '../call/room';
import type { ChatStore } from '../chat/store';
import { Dialog } from '../parts/Dialog';
import { Icon } from '../parts/Icon';
import { attempt, say } from '../parts/saying';
import { count, t } from '../text';
import { Chat, ChatButton, type ChatPanel } from './Chat';
import { CameraButton, Devices, MicrophoneButton, Troubles } from './Preview';
import { RoomPanel } from './RoomSettings';
import { OwnTile, Screen, Tile } from './Tile';

export function CallView({ call, store, chat }: { call: Call; store: RoomStore; chat?: ChatPanel }) {
  const [isPanelOpen, setPanelOpen] = useState(false);
  const [isChoosing, setChoosing] = useState(false);
  const others = useNames(call.others.value, store);
  useEffect(() => store.later(), [call.changes.value]);
  useArrivals(others, call.phase.value === 'in');
  useAnnouncements(call, chat?.chat);
  return (
    <div class="call">
      <header class="call-head">
        <h1>{store.room.value?.displayName || t('room')}</h1>
        <p class="quiet" role="status">{call.phase.value === 'reconnecting' ? t('reconnecting') : count('people', others.length + 1)}</p>
      </header>
      <div class="call-middle">
        <Stage call={call} others={others} />
        {chat?.isOpen && <Chat {...chat} />}
      </div>
      <Bar call={call} chat={chat} openPanel={() => setPanelOpen(true)} openDevices={() => setChoosing(true)} />
      {isPanelOpen && (
        <Dialog title={store.room.value?.displayName || t('room')} close={() => setPanelOpen(false)}>
          {account.value ? <RoomPanel store={store} members={others} gone={() => call.leave()} /> : <Names members={others} />}
        </Dialog>
      )}
      {isChoosing && (
        <Dialog title={t('devices')} close={() => setChoosing(false)}><Devices media={call.media} /></Dialog>
      )}
    </div>
  );
}

/** The people in the call, and the screen that one of them shares. */
function Stage({ call, others }: { call: Call; others: Member[] }) {
  const members = call.members.value;
  const shown = others.find((member) => member.screen);
  const people = others.length + 1;
  const hasScreen = shown !== undefined || members?.screen.value !== undefined;
  // What scrolls has to be reached by the keyboard.
  const mayScroll = hasScreen || people > MESH_PEOPLE;
  return (
    <main class={hasScreen ? 'stage with-screen' : 'stage'}>
      {call.phase.value === 'reconnecting' && <p class="notice top" role="alert">{t('reconnecting.hint')}</p>}
      {people > MESH_PEOPLE && !call.hasMediaServer.value && <p class="notice top">{t('crowded', { number: MESH_PEOPLE })}</p>}
      <Troubles media={call.media} />
      {shown?.screen && <Screen stream={shown.screen} name={shown.name} speaker={call.media.choice.value.speaker} />}
      {!shown && members?.screen.value && <Screen stream={members.screen.value} isOwn name={call.name} />}
      <ul class={`grid people-${Math.min(people, 9)}`} aria-label={t('people')} tabIndex={mayScroll ? 0 : undefined}>
        {others.map((member) => (
          <Tile key={member.address} member={member} hasTurn={call.hasTurn.value} speaker={call.media.choice.value.speaker} />
        ))}
        <OwnTile media={call.media} name={call.name || t('guest')} hasHandUp={members?.hasHandUp.value ?? false} />
      </ul>
      {!others.length && <p class="alone">{t('alone')}</p>}
    </main>
  );
}

/** The others by their names, and guests with the session by which a moderator removes them. */
function useNames(others: Member[], store: RoomStore): Member[] {
  const [sessions, setSessions] = useState<Record<string, string>>({});
  useEffect(() => {
    const guests = store.people.value.filter(({ participantType }) => participantType === GUEST);
    void Promise.all(guests.map(async ({ sessionId }) => [await tagOf(sessionId), sessionId]))
      .then((pairs) => setSessions(Object.fromEntries(pairs)));
  }, [store.people.value]);
  return others.map((member) => ({
    ...member,
    name: member.userId ? store.nameOf(member.userId) : member.name || t('guest'),
    session: member.session || sessions[member.tag] || '',
  }));
}

/** Lets the chat know what the signaling announces, and whether it does. */
function useAnnouncements(call: Call, chat: ChatStore | undefined): void {
  useEffect(() => {
    chat?.announce(call.announcesChat.value);
    return () => chat?.announce(false);
  }, [chat, call.announcesChat.value]);
  useEffect(() => { if (call.said.value) chat?.heard(); }, [call.said.value]);
}

/** A pause after which it is said who came and who left: guests tell their names when they are connected. */
const ARRIVAL_MILLISECONDS = 1_500;

/** Says who came and who left, to those who do not see it; nothing while this one is on the way back. */
function useArrivals(others: Member[], isBack: boolean): void {
  const known = useRef(new Map<string, string>());
  const names = others.map(({ address, name }) => [address, name] as const);
  useEffect(() => {
    if (!isBack) return;
    const timer = setTimeout(() => {
      const present = new Map(names);
      for (const [address, name] of known.current) if (!present.has(address)) say(t('went', { name }));
      for (const [address, name] of present) if (!known.current.has(address)) say(t('came', { name }));
      known.current = present;
    }, ARRIVAL_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [names.join(), isBack]);
}

function Names({ members }: { members: Member[] }) {
  return <ul class="people">{members.map(({ address, name }) => <li key={address}><span class="name">{name}</span></li>)}</ul>;
}

function Bar({ call, chat, openPanel, openDevices }: { call: Call; chat?: ChatPanel; openPanel(): void; openDevices(): void }) {
  const members = call.members.value;
  const isSharing = members?.screen.value !== undefined;
  const hasHandUp = members?.hasHandUp.value ?? false;
  const share = async () => {
    if (isSharing) return members?.hide();
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: true });
      // The browser's own button ends it, too.
      stream.getVideoTracks()[0]!.onended = () => members?.hide();
      members?.show(stream);
    } catch (cause) {
      if ((cause as DOMException).name !== 'NotAllowedError') say(t('screen.failed'), true);
    }
  };
  return (
    <footer><div class="bar" role="toolbar" aria-label={t('call.tools')}>
      <MicrophoneButton media={call.media} />
      <CameraButton media={call.media} />
      {'getDisplayMedia' in (navigator.mediaDevices ?? {}) && (
        <button type="button" class={isSharing ? 'round on' : 'round'} aria-pressed={isSharing} aria-label={t('screen')}
          title={t(isSharing ? 'screen.stop' : 'screen')} onClick={() => void attempt(share)}>
          <Icon name="screen" />
        </button>
      )}
      <button type="button" class={hasHandUp ? 'round on' : 'round'} aria-pressed={hasHandUp} aria-label={t('hand')} title={t('hand')}
        onClick={() => members?.raiseHand(!hasHandUp)}>
        <Icon name="hand" />
      </button>
      {chat && <ChatButton {...chat} isRound />}
      <button type="button" class="round" aria-label={t('devices')} title={t('devices')} onClick={openDevices}><Icon name="settings" /></button>
      <button type="button" class="round" aria-label={t('room.people')} title={t('room.people')} onClick={openPanel}><Icon name="people" /></button>
      <button type="button" class="round leave" aria-label={t('leave')} title={t('leave')} onClick={() => call.leave()}><Icon name="leave" /></button>
    </div></footer>
  );
}
