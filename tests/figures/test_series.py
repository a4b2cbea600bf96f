"""The buffer of one run's numbers: what goes in comes out, thinned, at its place."""

import json
import struct
import time

import numpy as np
import pytest

from gan.figures.series import SeriesBuffer, Spread, Trace, pack

KEYS = ("loss/d", "loss/g")


def filled(n: int, keys=KEYS) -> SeriesBuffer:
    series = SeriesBuffer()
    values = np.random.default_rng(0).random((n, len(keys) + 2)).astype(np.float32)
    values[:, -2] = np.arange(n) / 100
    values[:, -1] = np.arange(n) / 10
    for start in range(0, n, 700):
        part = slice(start, min(n, start + 700))
        steps = np.arange(part.start, part.stop)
        series.append([*keys, "time/epoch", "time/elapsed_s"], steps, values[part])
    return series


def test_chunks_add_up():
    series = filled(2_000)
    assert series.n_rows == 2_000
    trace = series.view(["loss/d"], max_points=100_000)[0]
    assert trace.x.tolist() == list(range(2_000))
    assert (trace.n_shown, trace.n_total) == (2_000, 2_000)
    assert trace.x.dtype == np.float64
    assert trace.y.dtype == np.float32


def test_clear_forgets_everything():
    series = filled(10)
    series.clear()
    assert series.n_rows == 0
    assert series.view(KEYS) == []


def test_steps_may_repeat():
    series = SeriesBuffer()
    series.append(["loss/d"], [1, 2], [[1.0], [2.0]])
    series.append(["loss/d"], [2, 2], [[3.0], [4.0]])
    assert series.view(["loss/d"])[0].y.tolist() == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize(("x", "last"), [("step", 999.0), ("epoch", 9.99), ("time", 99.9)])
def test_each_horizontal_axis_has_its_own_numbers(x, last):
    trace = filled(1_000).view(["loss/d"], x=x)[0]
    assert trace.x[-1] == pytest.approx(last, rel=1e-6)


def test_large_steps_are_exact():
    series = SeriesBuffer()
    series.append(["loss/d"], [9_999_999, 10_000_000, 10_000_001], [[1.0], [2.0], [3.0]])
    assert series.view(["loss/d"])[0].x.tolist() == [9_999_999.0, 10_000_000.0, 10_000_001.0]


def test_smoothing_does_not_depend_on_thinning():
    series = filled(20_000)
    thin = series.view(["loss/d"], smoothing=0.6, max_points=400)[0]
    full = series.view(["loss/d"], smoothing=0.6, max_points=1_000_000)[0]
    rows = thin.x.astype(int)
    assert np.array_equal(thin.smooth, full.smooth[rows])


def test_smoothing_a_constant_changes_nothing():
    series = SeriesBuffer()
    series.append(["loss/d"], range(500), np.full((500, 1), 0.693, dtype=np.float32))
    smooth = series.view(["loss/d"], smoothing=0.9)[0].smooth
    assert np.allclose(smooth, 0.693)


def test_a_window_gets_finer_rows_and_keeps_coarse_ones_outside():
    series = filled(50_000)
    whole = series.view(["loss/d"], max_points=1_000)[0]
    near = series.view(["loss/d"], window=(20_000, 20_600), max_points=1_000)[0]
    inside = (near.x >= 20_000) & (near.x <= 20_600)
    assert inside.sum() > 10 * ((whole.x >= 20_000) & (whole.x <= 20_600)).sum()
    assert near.x[0] == 0.0
    assert near.x[-1] == 49_999.0
    assert near.n_shown < 2_100


def test_views_do_not_grow_with_the_run():
    sizes = [
        len(pack(filled(n).view(KEYS, smoothing=0.5, max_points=1_000), {}))
        for n in (3_000, 90_000)
    ]
    n_curves, n_rows = len(KEYS), len(KEYS) * 1_000  # all curves share the rows of any
    assert max(sizes) < n_curves * n_rows * (8 + 4 + 4) + 1_000


def test_curves_share_their_rows_so_that_one_hover_reads_one_step():
    first, second = filled(20_000).view(KEYS, max_points=400)
    np.testing.assert_array_equal(first.x, second.x)


def test_the_smoothed_past_stands_still_while_rows_are_added():
    before, after = filled(20_000), filled(20_500)
    old = before.view(["loss/d"], smoothing=0.6, max_points=10**6)[0]
    new = after.view(["loss/d"], smoothing=0.6, max_points=10**6)[0]
    np.testing.assert_allclose(new.smooth[: len(old.smooth)], old.smooth, rtol=1e-5)


def test_a_lone_update_of_d_has_no_number_for_g():
    series = SeriesBuffer()
    series.append(["loss/d", "loss/g"], [1], [[1.0, 2.0]])
    series.append(["loss/d"], [1], [[3.0]])
    d, g = series.view(["loss/d", "loss/g"])
    assert d.y.tolist() == [1.0, 3.0]
    assert g.y[0] == 2.0
    assert np.isnan(g.y[1])


def test_positions_of_events_follow_the_axis():
    series = filled(1_000)
    assert series.positions([500], x="step") == [500.0]
    assert series.positions([500], x="epoch") == pytest.approx([5.0])
    assert SeriesBuffer().positions([7], x="time") == [7.0]


def test_pack_says_what_it_holds():
    traces = filled(300).view(KEYS, smoothing=0.5)
    raw = pack(traces, {"y_title": "loss"})
    (length,) = struct.unpack_from("<I", raw)
    header = json.loads(raw[4 : 4 + length])
    assert header["y_title"] == "loss"
    at = 4 + length
    for trace, described in zip(traces, header["traces"], strict=True):
        n = described["n"]
        assert np.frombuffer(raw, "<f8", n, at).tolist() == trace.x.tolist()
        assert np.frombuffer(raw, "<f4", n, at + 8 * n).tolist() == trace.y.tolist()
        assert np.frombuffer(raw, "<f4", n, at + 12 * n).tolist() == trace.smooth.tolist()
        at += 16 * n
    assert at == len(raw)


def test_a_refresh_of_a_long_run_is_quick():
    keys = ("loss/d_real", "loss/d_fake", "loss/d", "loss/g")
    series = filled(100_000, keys)
    times = []
    for i in range(7):
        series.append(keys, [100_000 + i], [[0.5, 0.5, 1.0, 0.7]])
        start = time.perf_counter()
        pack(series.view(keys, smoothing=0.6, max_points=1_200), {})
        times.append(time.perf_counter() - start)
    # Measured at 8 to 15 ms on two cores; the limit leaves room for a busy machine.
    assert min(times) < 0.05


def test_speed_is_that_of_the_last_seconds():
    series = SeriesBuffer()
    assert series.recent_steps_per_s() is None
    slow = [[t] for t in np.arange(0.0, 100.0, 1.0)]  # a step a second
    series.append(["time/elapsed_s"], range(1, 101), slow)
    fast = [[t] for t in 99.0 + np.arange(1, 201) * 0.1]  # ten steps a second
    series.append(["time/elapsed_s"], range(101, 301), fast)
    assert series.recent_steps_per_s(8.0) == pytest.approx(10.0, rel=0.02)


def test_numbers_of_few_rows_are_drawn_without_the_rows_between():
    buffer = SeriesBuffer()
    for step in range(1, 101):
        buffer.append(("loss/g",), [step], [[1.0]])
        if step % 25 == 0:
            buffer.append(("quality/distance",), [step], [[1000.0 / step]])
    (trace,) = buffer.points(("quality/distance", "quality/absent"))
    assert trace.x.tolist() == [25, 50, 75, 100]
    assert trace.y.tolist() == pytest.approx([40.0, 20.0, 1000 / 75, 10.0])
    assert trace.n_total == 4
    assert SeriesBuffer().points(("quality/distance",)) == []


def test_pack_appends_the_band_of_a_mean():
    spread = Spread(*(np.asarray(v, dtype=np.float32) for v in ([0, 1], [2, 3], [3, 2])))
    mean = Trace("0", np.asarray([1.0, 2.0]), np.asarray([1, 2], np.float32), None, 2, spread)
    raw = pack([mean], {})
    (length,) = struct.unpack_from("<I", raw)
    (described,) = json.loads(raw[4 : 4 + length])["traces"]
    assert described["spread"] is True
    assert np.frombuffer(raw, "<f4", 6, len(raw) - 24).tolist() == [0, 1, 2, 3, 3, 2]
    assert len(raw) == 4 + length + 2 * 8 + 2 * 4 + 6 * 4
