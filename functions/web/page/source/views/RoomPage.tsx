// The address of a room: first a look at oneself, then the call, then what became of it.

import { useEffect, useRef, useState } from 'preact/hooks';
import { account } from '../api/account';
import { Refusal } from '../api/client';
import { Call } from '../call/call';
import { Media } from '../call/media';
import { PUBLIC, RoomStore, SELF_JOINED } from '../call/room';
import { Field } from '../parts/Field';
import { Foot, Header } from '../parts/Header';
import { Icon } from '../parts/Icon';
import { follow } from '../parts/route';
import { t } from '../text';
import { inWords } from '../text/failure';
import { CallView } from './CallView';
import { Chat, ChatButton, type ChatPanel, useChat } from './Chat';
import { Login } from './Login';
import { Devices, Preview } from './Preview';

const NAME_PLACE = 'guestName';

export function RoomPage({ token }: { token: string }) {
  const [store] = useState(() => new RoomStore(token));
  const [call, setCall] = useState<Call>();
  const [media] = useState(() => new Media());
  const chat = useChat(store);
  const [isChatOpen, setChatOpen] = useState(false);
  const panel = chat && { chat, isOpen: isChatOpen, toggle: () => setChatOpen((was) => !was) };
  useEffect(() => { void store.load(); }, [store, account.value?.id]);
  useEffect(() => () => media.close(), [media]);
  useEffect(() => () => { if (call && call.phase.value !== 'over') call.leave(); }, [call]);
  // What became of the room in the meantime, or of the right to be in it.
  useEffect(() => { if (call?.phase.value === 'over') void store.load(); }, [call?.phase.value]);
  useEffect(() => {
    document.title = store.room.value?.displayName || 'Talk';
    return () => { document.title = 'Talk'; };
  }, [store.room.value]);

  if (call && call.phase.value !== 'over') return <CallView call={call} store={store} chat={panel} />;
  return (
    <>
      <Header />
      <main class={chat ? 'content with-chat' : 'content'}>
        {call?.end.value && <p class="notice" role="alert">{t(`end.${call.end.value}`)}</p>}
        <Door store={store} media={media} enter={setCall} chat={panel} />
        {panel && <Chat {...panel} />}
      </main>
      <Foot />
    </>
  );
}

interface Way { store: RoomStore; media: Media; enter(call: Call): void; chat?: ChatPanel }

/** What one sees of a room from outside. */
function Door({ store, media, enter, chat }: Way) {
  const [wantsLogin, setWantsLogin] = useState(false);
  const room = store.room.value;
  if (wantsLogin && !account.value) return <Login done={() => { setWantsLogin(false); void store.load(); }} />;
  if (room) return <Lobby store={store} media={media} enter={enter} chat={chat} logIn={() => setWantsLogin(true)} />;
  const failure = store.failure.value;
  if (failure === undefined) return <p class="quiet" role="status">{t('loading')}</p>;
  const isMissing = failure instanceof Refusal && failure.status === 404;
  return (
    <div class="card narrow">
      <h1>{isMissing ? t('room.missing') : t('room.unreached')}</h1>
      <p>{isMissing ? t(account.value ? 'room.missingHint' : 'room.missingLogin') : inWords(failure)}</p>
      {!account.value && <button type="button" class="main" onClick={() => setWantsLogin(true)}>{t('login')}</button>}
      {account.value && <a class="button" href="/" onClick={follow}>{t('rooms.back')}</a>}
      {!isMissing && <button type="button" onClick={() => void store.load()}>{t('again')}</button>}
    </div>
  );
}

/** A look at camera and microphone, a name and a password where they are needed, and the way in. */
function Lobby({ store, media, enter, chat, logIn }: Way & { logIn(): void }) {
  const room = store.room.value!;
  const isGuest = !account.value;
  const [name, setName] = useState(localStorage.getItem(NAME_PLACE) ?? '');
  const [password, setPassword] = useState('');
  const [complaint, setComplaint] = useState('');
  const [isBusy, setBusy] = useState(false);
  const needsPassword = room.hasPassword && room.type === PUBLIC && (!store.isMember || room.participantType === SELF_JOINED);
  const joining = useRef<Call | undefined>(undefined);
  useEffect(() => { void media.open(); }, [media]);
  // Who goes away while the answer is awaited does not join.
  useEffect(() => () => joining.current?.leave(), []);

  const join = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setComplaint('');
    if (isGuest) localStorage.setItem(NAME_PLACE, name.trim());
    const call = new Call(room.token, media, account.value?.name ?? name.trim(), password);
    joining.current = call;
    try {
      await call.join();
      joining.current = undefined;
      enter(call);
    } catch (cause) {
      joining.current = undefined;
      const isWrong = cause instanceof Refusal && cause.status === 403;
      // The room may have got its password after it was looked at.
      if (isWrong) void store.load();
      setComplaint(isWrong ? t('password.wrong') : inWords(cause));
      setBusy(false);
    }
  };

  return (
    <div class="lobby">
      <Preview media={media} name={account.value?.name ?? (name || t('guest'))} />
      <form class="card lobby-form" onSubmit={join}>
        <h1>{room.displayName || t('room.nameless')}</h1>
        {room.description && <p class="description">{room.description}</p>}
        {isGuest && (
          <Field label={t('guest.name')} value={name} change={setName} autocomplete="name" maxLength={64} required />
        )}
        {needsPassword && (
          <Field label={t('password.room')} value={password} change={setPassword} type="password" autocomplete="off"
            complaint={complaint} hint={t('password.ask')} required />
        )}
        {complaint && !needsPassword && <p class="complaint" role="alert">{complaint}</p>}
        <button class="main wide" disabled={isBusy}>{isBusy ? t('join.busy') : t('join')}</button>
        {chat && <ChatButton {...chat} />}
        {isGuest && <button type="button" class="plain wide" onClick={logIn}>{t('login.instead')}</button>}
        {!isGuest && <a class="plain button wide" href="/" onClick={follow}><Icon name="back" />{t('rooms.back')}</a>}
      </form>
      <Devices media={media} />
    </div>
  );
}
