"""Text and addresses of every script, from the composer to the server: 8BITMIME, SMTPUTF8 and IDN where it can, else without."""
import email
import email.policy

import pytest

from test_send import make_post      # noqa: F401

POLICY = email.policy.default.clone(raise_on_defect=True)


def composed(post, *words, text="Grüße\n"):
    return post.tern("compose", "-s", "Grüße", *words, input=text.encode())


def received(post):
    sent, = post.sink.sent()
    assert max(map(len, sent.data.split(b"\r\n"))) <= 998
    return sent, email.message_from_bytes(sent.data, policy=POLICY)


@pytest.mark.parametrize("without", [set(), {"8BITMIME"}])
@pytest.mark.parametrize("text", ["Grüße\n", "日本語\n", "Grüße " + "x" * 1500 + "\n", "plain\n"])
def test_a_text_goes_as_the_server_takes_it(make_post, tmp_path, without, text):
    post = make_post(without=without)
    (tmp_path / "x.pdf").write_bytes(bytes(range(256)))
    assert composed(post, "-a", tmp_path / "x.pdf", "bob@example.org", text=text).status == 0
    sent, message = received(post)
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n").replace(" \n", " ") == text
    is_8bit = not without and not text.isascii() and len(text) < 998     # a longer line is encoded everywhere
    assert (max(sent.data) >= 0x80) == ("BODY=8BITMIME" in sent.options["MAIL"]) == is_8bit
    encoding = message.get_body(("plain",))["Content-Transfer-Encoding"]
    assert (encoding == "8bit") == is_8bit and (encoding == "7bit") == text.isascii()


def test_a_domain_of_another_script_needs_nothing_of_the_server(make_post):
    post = make_post(without={"SMTPUTF8"})
    assert composed(post, "Bob <bob@bücher.example>", "-c", "山田 <taro@例え.テスト>").status == 0
    sent, message = received(post)
    assert sent.recipients == ["bob@xn--bcher-kva.example", "taro@xn--r8jz45g.xn--zckzah"]
    assert message["To"] == "Bob <bob@xn--bcher-kva.example>" and message["Cc"] == "山田 <taro@xn--r8jz45g.xn--zckzah>"
    assert "SMTPUTF8" not in sent.options["MAIL"]


def test_a_name_of_another_script_before_the_at_needs_smtputf8(make_post):
    post = make_post()
    assert composed(post, "jürgen@bücher.example").status == 0
    sent, = post.sink.sent()
    assert sent.recipients == ["jürgen@xn--bcher-kva.example"] and "SMTPUTF8" in sent.options["MAIL"]
    assert "To: jürgen@xn--bcher-kva.example".encode() in sent.data


def test_a_server_without_smtputf8_gets_it_never(make_post):
    post = make_post(without={"SMTPUTF8"})
    composed(post, "jürgen@example.org")
    row, = post.outbox()
    assert row["state"] == "failed" and "SMTPUTF8" in row["error"] and post.sink.sent() == []


@pytest.mark.parametrize("wrong", ["bob@", "bob", "a@b..c", "a@b@c", "a b@example.org", "x@exa_mple..org", "a@\u202eexample.org",
                                   "Bob <bob@example.org", "a@example.org\u200b"])
def test_a_wrong_address_is_told_and_nothing_is_sent(make_post, wrong):
    post = make_post()
    result = composed(post, wrong)
    assert result.status == 1 and "To" in result.err
    assert post.sink.log == [] and post.outbox() == [] and len(list((post.tern.profile / "data/drafts/cur").iterdir())) == 1
