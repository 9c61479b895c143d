"""nextcloud-talk-core: each of its methods but reminders and files, which this server has not."""

import threading
import time

import pytest
from nextcloud_talk_core import Settings, TalkClient
from nextcloud_talk_core.errors import NextcloudNotFoundError
from nextcloud_talk_core.permissions import permissions_from_flags

from conftest import ADMIN, BEN


@pytest.fixture
def anna(address, app_password):
    with TalkClient(Settings(address, ADMIN[0], app_password)) as client:
        yield client


@pytest.fixture
def ben(address):
    with TalkClient(Settings(address, *BEN)) as client:
        yield client


@pytest.fixture
def room(anna):
    room = anna.create_conversation(3, room_name="Tea")
    anna.add_participant(room.token, "ben")
    yield room
    anna.delete_conversation(room.token)


def test_rooms(anna, room):
    anna.rename_conversation(room.token, "Coffee")
    anna.set_description(room.token, "Every day")
    shown = next(it for it in anna.list_conversations() if it.token == room.token)
    assert shown.name == "Coffee"


def test_a_room_for_a_group_and_one_for_two(anna, ben):
    team = anna.create_conversation(2, invite="admin", source="groups")
    anna.delete_conversation(team.token)
    pair = anna.create_conversation(1, invite="ben")
    assert ben.create_conversation(1, invite="admin").token == pair.token
    assert pair.token in {it.token for it in ben.list_conversations()}


def test_people(anna, ben, room):
    people = {it.actor_id: it for it in anna.list_participants(room.token)}
    assert set(people) == {"admin", "ben"}
    number = people["ben"].attendee_id
    anna.set_participant_permissions(room.token, number, permissions_from_flags(can_join_call=True))
    with pytest.raises(Exception):
        ben.send_message(room.token, "I may not")
    anna.set_participant_permissions(room.token, number, permissions_from_flags(can_post_chat=True), mode="add")
    ben.send_message(room.token, "I may")
    anna.remove_participant(room.token, number)
    with pytest.raises(NextcloudNotFoundError):
        ben.read_messages(room.token)


def test_messages(anna, ben, room):
    sent = anna.send_message(room.token, "Tea at five?")
    reply = ben.send_message(room.token, "At six, @admin", reply_to=sent.id)
    assert [it.id for it in anna.read_messages(room.token, limit=2)] == [reply.id, sent.id]
    anna.edit_message(room.token, sent.id, "Tea at six?")
    assert anna.delete_message(room.token, sent.id) == "message_deleted"
    assert {it.id for it in anna.list_mentions(room.token)} == {"all", "ben"}
    ben.mark_as_read(room.token)
    ben.mark_as_unread(room.token)
    ben.mark_as_read(room.token, reply.id)


def test_waiting(anna, ben, room):
    last = anna.send_message(room.token, "Is anybody there?")

    def answer():
        time.sleep(1)
        ben.send_message(room.token, "Yes")

    answering = threading.Thread(target=answer)
    answering.start()
    heard = anna.wait_for_messages(room.token, last.id, timeout=20)
    answering.join()
    assert [it.message for it in heard] == ["Yes"]


def test_reactions(anna, ben, room):
    sent = anna.send_message(room.token, "Cake?")
    assert len(ben.add_reaction(room.token, sent.id, "👍")["👍"]) == 1
    assert len(anna.add_reaction(room.token, sent.id, "👍")["👍"]) == 2
    assert set(anna.list_reactions(room.token, sent.id, "👍")) == {"👍"}
    assert len(ben.remove_reaction(room.token, sent.id, "👍")["👍"]) == 1
    assert anna.remove_reaction(room.token, sent.id, "👍") == {}
