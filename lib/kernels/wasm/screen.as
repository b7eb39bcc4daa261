// Scans over columns in linear memory; the host lays the columns out and says where they begin (bytes, 16-aligned).

// Writes the numbers of all positions with base + slope * x < 0 to `hits` (int32) and returns how many. Sixteen positions share one
// branch: the signs of their slacks are or-ed, and only a block in which one is set is looked at position by position.
export function isolated(base: usize, slope: usize, hits: usize, x: f64, count: i32): i32 {
  const price = f64x2.splat(x);
  const whole = count & ~15;
  let at = hits;
  let i: i32 = 0;
  for (; i < whole; i += 16) {
    const b = base + (<usize>i << 3);
    const s = slope + (<usize>i << 3);
    const s0 = f64x2.add(v128.load(b), f64x2.mul(price, v128.load(s)));
    const s1 = f64x2.add(v128.load(b, 16), f64x2.mul(price, v128.load(s, 16)));
    const s2 = f64x2.add(v128.load(b, 32), f64x2.mul(price, v128.load(s, 32)));
    const s3 = f64x2.add(v128.load(b, 48), f64x2.mul(price, v128.load(s, 48)));
    const s4 = f64x2.add(v128.load(b, 64), f64x2.mul(price, v128.load(s, 64)));
    const s5 = f64x2.add(v128.load(b, 80), f64x2.mul(price, v128.load(s, 80)));
    const s6 = f64x2.add(v128.load(b, 96), f64x2.mul(price, v128.load(s, 96)));
    const s7 = f64x2.add(v128.load(b, 112), f64x2.mul(price, v128.load(s, 112)));
    const low = v128.or(v128.or(s0, s1), v128.or(s2, s3));
    const high = v128.or(v128.or(s4, s5), v128.or(s6, s7));
    if (i64x2.bitmask(v128.or(low, high)) != 0) at = block(base, slope, at, x, i, i + 16);
  }
  at = block(base, slope, at, x, i, count);
  return <i32>((at - hits) >> 2);
}

function block(base: usize, slope: usize, hits: usize, x: f64, from: i32, to: i32): usize {
  let at = hits;
  for (let i = from; i < to; i++) {
    const offset = <usize>i << 3;
    store<i32>(at, i);
    if (load<f64>(base + offset) + x * load<f64>(slope + offset) < 0) at += 4;
  }
  return at;
}

// Writes the numbers of all accounts with base + the sum of size * price of their three slots < 0 to `hits` and returns how many.
// `sizes` has three float64 and `lanes` three uint16 per account; `prices` is the table that the lanes count in.
export function cross(base: usize, sizes: usize, lanes: usize, prices: usize, hits: usize, count: i32): i32 {
  let at = hits;
  let q = sizes;
  let l = lanes;
  for (let i: i32 = 0; i < count; i++) {
    const p0 = load<f64>(prices + (<usize>load<u16>(l) << 3));
    const p1 = load<f64>(prices + (<usize>load<u16>(l, 2) << 3));
    const p2 = load<f64>(prices + (<usize>load<u16>(l, 4) << 3));
    const slack = load<f64>(base + (<usize>i << 3)) + load<f64>(q) * p0 + load<f64>(q, 8) * p1 + load<f64>(q, 16) * p2;
    store<i32>(at, i);
    if (slack < 0) at += 4;
    q += 24;
    l += 6;
  }
  return <i32>((at - hits) >> 2);
}
