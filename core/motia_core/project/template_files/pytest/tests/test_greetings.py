"""Runs the whole project: pip install pytest, then pytest."""


def test_a_greeting_is_written(motia):
    asked = motia.post("/greetings", json={"name": "Ada"})
    assert asked.status == 202
    motia.drain()  # until nothing runs any more
    found = motia.get(f"/greetings/{asked.json()['id']}")
    assert found.json()["text"].endswith("Ada!")
    assert motia.run(asked).steps == ["CreateGreeting", "WriteGreeting"]


def test_a_greeting_without_a_name_is_refused(motia):
    assert motia.post("/greetings", json={}).status == 400
    assert motia.emitted("greeting.requested") == []
