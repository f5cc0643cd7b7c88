from devora_admin.analytics.rollups.consumer import _Pace


def test_what_was_too_much_at_once_is_tried_in_smaller_pieces_and_these_grow_again():
    pace = _Pace()
    assert [pace.size_at(None) for _ in range(4)] == [1000, 250, 62, 25]
    assert [pace.size_at({"after": n}) for n in range(6)] == [50, 100, 200, 400, 800, 1000]
