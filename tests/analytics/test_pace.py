from devora_admin.analytics.rollups.consumer import _Pace


def test_what_was_too_much_at_once_is_tried_in_smaller_pieces_and_these_grow_again():
    pace = _Pace()
    assert [pace.size_at(n) for n in range(4)] == [250, 500, 1000, 1000]
    assert [pace.size_at(3) for _ in range(3)] == [250, 62, 25]
    assert [pace.size_at({"after": n}) for n in range(6)] == [50, 100, 200, 400, 800, 1000]
