"""Numbers in addresses."""


def test_a_number_no_store_can_look_up_names_nothing(admin, make_project):
    project = make_project()["id"]
    for address in (f"/projects/{project}/versions/{10**15}/restore/", f"/support/{2**63}/"):
        for method in (admin.get, admin.post):
            assert method(address).status_code == 404, address
