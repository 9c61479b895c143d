"""nc-py-api: each of its methods for rooms and chats, but for polls, pictures, files and bots, which this server has not."""

import pytest
from nc_py_api import AsyncNextcloud, Nextcloud, NextcloudException, talk

from conftest import ADMIN, BEN


@pytest.fixture
def anna(address):
    return Nextcloud(nextcloud_url=address, nc_auth_user=ADMIN[0], nc_auth_pass=ADMIN[1])


@pytest.fixture
def room(anna):
    room = anna.talk.create_conversation(talk.ConversationType.GROUP, room_name="Tea")
    yield room
    anna.talk.delete_conversation(room)


def test_what_is_there(anna):
    assert anna.talk.available and not anna.talk.bots_available
    assert anna.srv_version["major"] == 30
    assert not anna.srv_version["extended_support"]


def test_a_room_and_its_settings(anna, room):
    for change, undo in [
        (lambda it: anna.talk.set_conversation_fav(it, True), lambda it: anna.talk.set_conversation_fav(it, False)),
        (lambda it: anna.talk.set_conversation_readonly(it, True), lambda it: anna.talk.set_conversation_readonly(it, False)),
        (lambda it: anna.talk.set_conversation_public(it, True), lambda it: anna.talk.set_conversation_public(it, False)),
    ]:
        before = anna.talk.get_conversation_by_token(room)
        change(room)
        during = anna.talk.get_conversation_by_token(room)
        undo(room)
        after = anna.talk.get_conversation_by_token(room)
        settings = [(it.is_favorite, it.read_only, it.conversation_type) for it in (before, during, after)]
        assert settings[0] == settings[2] != settings[1]
    anna.talk.rename_conversation(room, "Coffee")
    anna.talk.set_conversation_description(room, "Every day")
    anna.talk.set_conversation_notify_lvl(room, talk.NotificationLevel.ALWAYS_NOTIFY)
    anna.talk.set_conversation_public(room, True)
    anna.talk.set_conversation_password(room, "darjeeling")
    shown = anna.talk.get_conversation_by_token(room)
    assert (shown.display_name, shown.description, shown.has_password) == ("Coffee", "Every day", True)
    assert shown.notification_level == talk.NotificationLevel.ALWAYS_NOTIFY


def test_changes_since_the_last_time(anna, room):
    assert room.token in {it.token for it in anna.talk.get_user_conversations()}
    anna.talk.modified_since += 2
    assert anna.talk.get_user_conversations(modified_since=True) == []
    assert anna.talk.get_user_conversations(modified_since=9_999_999_999, no_status_update=False) == []


async def test_somebody_who_is_away(address):
    anna = AsyncNextcloud(nextcloud_url=address, nc_auth_user=ADMIN[0], nc_auth_pass=ADMIN[1])
    ben = AsyncNextcloud(nextcloud_url=address, nc_auth_user=BEN[0], nc_auth_pass=BEN[1])
    await ben.user_status.set_status_type("away")
    await ben.user_status.set_status("Lunch", status_icon="🍜")
    pair = await anna.talk.create_conversation(talk.ConversationType.ONE_TO_ONE, "ben")
    rooms = await anna.talk.get_user_conversations(include_status=True)
    shown = next(it for it in rooms if it.token == pair.token)
    assert (shown.status_type, shown.status_message, shown.status_icon) == ("away", "Lunch", "🍜")
    people = await anna.talk.list_participants(pair, include_status=True)
    assert "Lunch" in {it.status_message for it in people}
    await anna.talk.leave_conversation(pair)
    assert pair.token not in {it.token for it in await anna.talk.get_user_conversations()}


def test_messages_and_reactions(anna, room):
    sent = anna.talk.send_message("Cake?", room, silent=True)
    reply = anna.talk.send_message("Yes", room, reply_to_message=sent)
    assert reply.parent["message"] == "Cake?"
    given = anna.talk.react_to_message(sent, "❤️")
    assert given["❤️"][0].actor_id == "admin"
    assert anna.talk.get_message_reactions(sent) == given
    assert not anna.talk.delete_reaction(sent, "❤️")
    assert anna.talk.delete_message(sent).system_message == "message_deleted"
    heard = anna.talk.receive_messages(room)
    assert heard[0].system_message == "message_deleted"
    assert next(it for it in heard if it.message_id == sent.message_id).message_type == "comment_deleted"


def test_an_unknown_room_is_an_error(anna):
    with pytest.raises(NextcloudException) as refused:
        anna.talk.get_conversation_by_token("nothing1")
    assert refused.value.status_code == 404
