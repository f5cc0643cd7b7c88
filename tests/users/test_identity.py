"""Changing a customer's name and e-mail address."""

import threading

import pytest

from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.users.services import identity
from tests.users.acting import HTMX, odd_customer, parts_of, raw_parts, rows, stored


def change(customer, actor, **more):
    values = {"name": customer.get("name", ""), "email": customer.get("email", ""), **more}
    return identity.change_identity(customer["id"], actor=actor, **values)


def test_name_and_address_are_changed_and_the_address_normalised(mongo, make_customer, actor):
    customer = make_customer()
    change(customer, actor, name="  Zoë אבג ", email=" New.Address@Example.COM ")
    found = stored(mongo, customer)
    assert (found["name"], found["email"]) == ("Zoë אבג", "new.address@example.com")
    [row] = rows(mongo)
    assert row["before"] == {"name": customer["name"], "email": customer["email"]}


def test_an_address_nobody_changed_is_left_as_the_platform_wrote_it(mongo, make_customer, actor):
    customer = make_customer(email="Ada@X.Example")
    change(customer, actor, name="Ada")
    assert stored(mongo, customer)["email"] == "Ada@X.Example"
    assert list(rows(mongo)[0]["after"]) == ["name"]


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@x", "a b@x.example", "a@x.example\0", "a" * 300 + "@x.example",
              "<script>@x.example", "ada@x.example\nBcc: b@x.example"]
)  # fmt: skip
def test_what_is_no_address_is_refused_at_its_field(mongo, make_customer, actor, email):
    customer = make_customer()
    with pytest.raises(InvalidInput) as refused:
        change(customer, actor, email=email)
    assert refused.value.field == "email"
    assert stored(mongo, customer) == customer


def test_an_address_of_another_customer_is_refused_at_its_field(mongo, make_customer, actor):
    customer, other = make_customer(), make_customer()
    with pytest.raises(InvalidInput, match="Another customer") as refused:
        change(customer, actor, email=other["email"].upper())
    assert refused.value.field == "email"
    assert rows(mongo) == []


def test_of_many_who_take_one_address_at_once_one_gets_it(mongo, make_customer, actor):
    people = [make_customer() for _ in range(8)]
    outcomes, start = [], threading.Barrier(8)

    def take(customer):
        start.wait()
        try:
            change(customer, actor, email="wanted@x.example")
            outcomes.append("done")
        except InvalidInput as refused:
            outcomes.append(refused.field)

    threads = [threading.Thread(target=take, args=(customer,)) for customer in people]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["done"] + ["email"] * 7
    assert mongo.users.count_documents({"email": "wanted@x.example"}) == 1
    assert len(rows(mongo)) == 1


def test_what_somebody_else_changed_meanwhile_is_a_conflict(mongo, make_customer, actor):
    customer = make_customer(name="Ada")
    mongo.users.update_one({"id": customer["id"]}, {"$set": {"name": "Grace"}})
    with pytest.raises(Conflict, match="Grace"):
        change(customer, actor, name="Mine", expected_name="Ada")
    assert stored(mongo, customer)["name"] == "Grace"


def test_a_field_only_somebody_else_changed_is_left_to_them(mongo, make_customer, actor):
    customer = make_customer(name="Ada")
    mongo.users.update_one({"id": customer["id"]}, {"$set": {"name": "Grace"}})
    change(
        customer, actor, name="Ada", expected_name="Ada",
        email="new@x.example", expected_email=customer["email"],
    )  # fmt: skip
    found = stored(mongo, customer)
    assert (found["name"], found["email"]) == ("Grace", "new@x.example")


def test_a_name_of_another_type_can_be_set_right_and_the_rest_stays(mongo, actor):
    whole = odd_customer(mongo, name=5)
    change({"id": "odd", "email": "odd@x.example"}, actor, name="Ada", expected_name="")
    before, after = parts_of(whole), raw_parts(mongo)
    assert before.pop("name") != after.pop("name")
    assert before == after
    assert rows(mongo)[0]["before"] == {"name": 5}


def test_a_name_too_long_does_not_stand_in_the_way_of_the_address(mongo, make_customer, actor):
    customer = make_customer(name="x" * 5000)
    change(customer, actor, email="new@x.example", expected_name="x" * 5000)
    assert stored(mongo, customer)["name"] == "x" * 5000
    with pytest.raises(InvalidInput) as refused:
        change(customer, actor, name="y" * 201)
    assert refused.value.field == "name"


def test_unknown_customers_are_not_found(actor):
    with pytest.raises(NotFound):
        change({"id": "nobody"}, actor, name="Ada")


def test_the_dialog_shows_what_is_stored_and_keeps_the_draft_of_a_refusal(
    client_for, mongo, make_customer
):
    customer, other = make_customer(name='Ada "x" <i>'), make_customer()
    client, url = client_for("editor"), f"/users/{customer['id']}/edit/"
    page = client.get(url, headers=HTMX).content.decode()
    assert "Ada &quot;x&quot; &lt;i&gt;" in page
    sent = {
        "name": "Grace", "expected_name": customer["name"],
        "email": other["email"], "expected_email": customer["email"],
    }  # fmt: skip
    refused = client.post(url, sent, headers=HTMX)
    assert refused.status_code == 422
    assert 'value="Grace"' in refused.content.decode()
    assert "Another customer has this" in refused.content.decode()
    assert client.post(url, {**sent, "email": "g@x.example"}, headers=HTMX).status_code == 204
    assert stored(mongo, customer)["email"] == "g@x.example"
