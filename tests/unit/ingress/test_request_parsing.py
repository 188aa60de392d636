"""What a handler gets of a request."""

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motia_core.ingress.headers import flat, single
from motia_core.ingress.query import query_json
from motia_core.model.http import BodyFormat
from tests.unit.ingress.rig import MAX_BODY, ask

JSON = [("content-type", "application/json")]
FORM = [("content-type", "application/x-www-form-urlencoded")]


# What qs 6.14 makes of them with the options of Express 4.
@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("a=1", {"a": "1"}),
        ("a=1&a=2", {"a": ["1", "2"]}),
        ("a=1&a=2&a=3", {"a": ["1", "2", "3"]}),
        ("a&b=&=x&&", {"a": "", "b": ""}),
        ("a+b=c+d", {"a b": "c d"}),
        ("a=1=2", {"a": "1=2"}),
        ("a=%C3%A9&%61b=x", {"a": "é", "ab": "x"}),
        ("a=%&b=%41%&c=%ff", {"a": "%", "b": "%41%", "c": "%ff"}),
        ("hub.mode=subscribe&hub.challenge=2", {"hub.mode": "subscribe", "hub.challenge": "2"}),
        ("__proto__=1&constructor=2", {"constructor": "2"}),
        ("a[b]=c", {"a": {"b": "c"}}),
        ("a%5Bb%5D=c", {"a": {"b": "c"}}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[0]=x&a[1]=y", {"a": ["x", "y"]}),
        ("a[20]=x", {"a": ["x"]}),
        ("a[21]=x", {"a": {"21": "x"}}),
        ("a[b][c][d][e][f][g][h]=1", {"a": {"b": {"c": {"d": {"e": {"f": {"[g][h]": "1"}}}}}}}),
        ("a[b]=1&a[b]=2", {"a": {"b": ["1", "2"]}}),
        ("a=2&a[b]=1", {"a": ["2", {"b": "1"}]}),
        ("a[b.c]=1&a.b[c]=2", {"a": {"b.c": "1"}, "a.b": {"c": "2"}}),
        ("a[__proto__][x]=1", {"a": {}}),
        ("a[x]=%ff", {"a": {"x": "%ff"}}),
        ("&".join(["a[]=1"] * 25), {"a": ["1"] * 25}),
        ("&".join(["a=1"] * 25), {"a": ["1"] * 25}),
    ],
)
def test_query_is_read_as_express_does(query: str, value: object) -> None:
    assert json.loads(query_json(query.encode())) == value


def test_query_keeps_the_first_1000_parameters() -> None:
    assert len(json.loads(query_json("&".join(f"k{i}=1" for i in range(1500)).encode()))) == 1000
    assert len(json.loads(query_json("&".join(f"k[{i}]=1" for i in range(1500)).encode()))["k"]) == 1000


@given(st.binary(max_size=60))
def test_query_is_always_a_json_object(raw: bytes) -> None:
    assert isinstance(json.loads(query_json(raw)), dict)


@given(st.text(alphabet="ab[]=&%5BD.0123_", max_size=40))
def test_nested_query_is_always_a_json_object(text: str) -> None:
    assert isinstance(json.loads(query_json(text.encode())), dict)


def test_request_has_method_path_params_and_empty_query() -> None:
    _, rig = ask("GET", "/users/a%2Fb%20c")
    request = rig.requests.request
    assert (request.method, request.path, request.path_params) == ("GET", "/users/a%2Fb%20c", ["id", "a/b c"])
    assert (request.query_params, request.body_format, request.body, request.raw_body) == (b"", 0, b"", b"")
    _, rig = ask("GET", "/users/1?x=1")
    assert rig.requests.request.query_params == b'{"x":"1"}'
    assert rig.requests.request.path == "/users/1"


def test_repeated_headers_are_joined_as_node_does() -> None:
    sent = [("accept", "a"), ("x-a", "1"), ("cookie", "a=1"), ("x-a", "2"), ("cookie", "b=2"), ("user-agent", "first")]
    _, rig = ask("GET", "/hello", headers=[*sent, ("user-agent", "second"), ("host", "h"), ("x-latin", "\xe9")])
    texts = rig.requests.request.headers
    found = dict(zip(texts[::2], texts[1::2], strict=True))
    assert len(found) * 2 == len(texts)
    expected = {"accept": "a", "x-a": "1, 2", "cookie": "a=1; b=2", "user-agent": "first", "host": "h", "x-latin": "é"}
    assert found == expected


def test_headers_stay_apart_when_a_value_has_a_nul() -> None:
    headers = single([(b"a", b"1\x002"), (b"b", b"3")])
    assert flat(headers) == ["a", "1\x002", "b", "3"]
    assert flat({}) == []


@pytest.mark.parametrize(
    ("content_type", "body", "form", "text"),
    [
        ("application/json", b' {"b":1,"a":[12345678901234567890123]}\n', BodyFormat.JSON, None),
        ("application/json; charset=utf-8", b"[]", BodyFormat.JSON, None),
        ("Application/JSON", b'{"a":"\\ud800"}', BodyFormat.JSON, None),
        ("application/vnd.api+json", b"{}", BodyFormat.JSON, None),
        ("application/json", b'{"n":1e999}', BodyFormat.JSON, None),
        ("application/json; charset=utf-16", '{"a":"é"}'.encode("utf-16"), BodyFormat.JSON, '{"a":"é"}'.encode()),
        ("application/json", b'\xef\xbb\xbf{"a":1}', BodyFormat.JSON, b'{"a":1}'),
        ("text/plain", "grüße".encode(), BodyFormat.TEXT, None),
        ("text/plain; charset=iso-8859-1", "grüße".encode("latin-1"), BodyFormat.TEXT, "grüße".encode()),
        ('text/plain; charset="windows-1252"', b"\x80", BodyFormat.TEXT, "€".encode()),
        ("application/octet-stream", b"\x00\xff", BodyFormat.BINARY, None),
        ("multipart/mixed; boundary=x", b"--x--", BodyFormat.BINARY, None),
        ("text/html", b"<p>", BodyFormat.BINARY, None),
        ("", b"{}", BodyFormat.BINARY, None),
    ],
)
def test_body_is_read_by_content_type(content_type: str, body: bytes, form: BodyFormat, text: bytes | None) -> None:
    response, rig = ask("POST", "/hello", body, [("content-type", content_type)] if content_type else [])
    assert response.status == 200
    assert rig.requests.request.body_format == form
    assert rig.requests.request.body == (body if text is None else text)
    if form is BodyFormat.JSON:
        assert rig.requests.request.raw_body == (b"" if text is None else body)


@pytest.mark.parametrize("method", ["POST", "DELETE", "GET"])
def test_body_is_read_whatever_the_method(method: str) -> None:
    _, rig = ask(method, "/hello", b'{"a":1}', JSON)
    assert rig.requests.request.body == b'{"a":1}'


def test_body_is_none_when_it_is_empty() -> None:
    _, rig = ask("POST", "/hello", b"", [*JSON, ("content-length", "0")])
    assert rig.requests.request.body_format is BodyFormat.NONE
    _, rig = ask("POST", "/hello", gzip.compress(b""), [*JSON, ("content-encoding", "gzip")])
    assert rig.requests.request.body_format is BodyFormat.NONE


def test_body_is_whole_when_it_came_in_chunks() -> None:
    _, rig = ask("POST", "/hello", [b'{"a"', b":", b"1}", b""], JSON)
    assert rig.requests.request.body == b'{"a":1}'


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"a":1,}', "line 1 column 8"),
        (b'{\n "a": }', "line 2 column 7: expected a value"),
        (b'{"a" 1}', "expected ':' delimiter"),
        (b'{"a":1} x', "line 1 column 9: expected the end"),
        (b"{", "line 1 column 2"),
        (b" ", "expected a value"),
        (b"[NaN]", "NaN is not a JSON value"),
        (b'"text"', "object or array"),
        (b"42", "object or array"),
        (b"null", "object or array"),
        (b'{"a":"\xff"}', "not valid utf-8: byte 6"),
        (b"[" * 4000, "nested more than 1024"),
        (b"[" * 1025 + b"]" * 1025, "nested more than 1024"),
        (b'{"a":' * 1500 + b"1" + b"}" * 1500, "nested more than 1024"),
    ],
)
def test_malformed_json_is_400_with_cors_and_says_where(body: bytes, says: str) -> None:
    response, rig = ask("POST", "/hello", body, JSON)
    assert response.status == 400
    assert response.one("access-control-allow-origin") == "*"
    assert response.json()["code"] == "BODY_INVALID"
    assert says in response.json()["error"]
    assert not rig.requests.asked
    assert not rig.log.records


def test_json_may_be_nested_1000_deep() -> None:
    response, _ = ask("POST", "/hello", b"[" * 1000 + b"]" * 1000, JSON)
    assert response.status == 200


def test_form_becomes_json_and_keeps_the_raw_body() -> None:
    raw = b"payload=%7B%22a%22%3A1%7D&x[y][]=1&x[y][]=2&t=a+b"
    _, rig = ask("POST", "/hello", raw, FORM)
    request = rig.requests.request
    assert request.body_format is BodyFormat.JSON
    assert json.loads(request.body) == {"payload": '{"a":1}', "x": {"y": ["1", "2"]}, "t": "a b"}
    assert request.raw_body == raw


def test_form_limits_are_errors() -> None:
    response, _ = ask("POST", "/hello", b"&".join([b"a=1"] * 1001), FORM)
    assert (response.status, response.json()["details"]) == (413, {"max_fields": 1000})
    response, _ = ask("POST", "/hello", b"a" + b"[b]" * 33 + b"=1", FORM)
    assert (response.status, response.json()["code"]) == (400, "BODY_INVALID")


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress)]
)
def test_compressed_body_is_inflated(encoding: str, compress: object) -> None:
    body = compress(b'{"a":1}')  # type: ignore[operator]
    _, rig = ask("POST", "/hello", body, [*JSON, ("content-encoding", encoding)])
    assert rig.requests.request.body == b'{"a":1}'


def test_compressed_body_errors() -> None:
    bomb = gzip.compress(b"[" + b" " * 5_000_000 + b"]")
    assert len(bomb) < MAX_BODY
    for body, encoding, status in (
        (bomb, "gzip", 413),
        (b"not gzip", "gzip", 400),
        (gzip.compress(b"{}" * 100)[:-9], "gzip", 400),
        (b"{}", "br", 415),
        (b"{}", "gzip, deflate", 415),
        (gzip.compress(b"[") + gzip.compress(b" " * 5_000_000), "gzip", 413),
        (gzip.compress(b"") * 100, "gzip", 400),
    ):
        response, rig = ask("POST", "/hello", body, [*JSON, ("content-encoding", encoding)])
        assert response.status == status, encoding
        assert not rig.requests.asked


@pytest.mark.parametrize("charset", ["klingon", "utf-7", "zip", "idna", "unicode_escape", "utf-8-sig", "iso-8859-99"])
def test_unknown_charset_is_415(charset: str) -> None:
    response, _ = ask("POST", "/hello", b"x", [("content-type", f"text/plain; charset={charset}")])
    assert (response.status, response.json()["code"]) == (415, "BODY_UNSUPPORTED")
    assert charset in response.json()["error"]


def test_text_that_is_not_what_it_says_is_400() -> None:
    response, _ = ask("POST", "/hello", b"\xff\xfe", [("content-type", "text/plain")])
    assert (response.status, response.json()["code"]) == (400, "BODY_INVALID")


def test_body_over_the_limit_is_413_before_it_is_read() -> None:
    headers = [*JSON, ("content-length", str(MAX_BODY + 1))]
    response, rig = ask("POST", "/hello", [b"x"] * 3, headers)
    assert (response.status, response.json()["details"]) == (413, {"max_bytes": MAX_BODY})
    assert response.one("connection") == "close"
    assert not rig.requests.asked


def test_body_over_the_limit_is_413_when_its_length_is_not_known() -> None:
    for chunks in ([b" " * (MAX_BODY // 2)] * 3, [b" " * (MAX_BODY + 1)]):
        response, rig = ask("POST", "/hello", chunks, JSON)
        assert (response.status, response.json()["code"]) == (413, "BODY_TOO_LARGE")
        assert not rig.requests.asked
    response, _ = ask("POST", "/hello", [b"[", b" " * (MAX_BODY - 2), b"]"], JSON)
    assert response.status == 200


def test_gzip_of_several_members_is_read_to_its_end() -> None:
    data = gzip.compress(b'{"a":') + gzip.compress(b"[1,") + gzip.compress(b"2]}") + b"\0" * 10
    response, rig = ask("POST", "/hello", data, [*JSON, ("content-encoding", "gzip")])
    assert response.status == 200
    assert rig.requests.request.body == b'{"a":[1,2]}'
