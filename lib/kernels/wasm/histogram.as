// Sums over columns in linear memory; the host lays the columns out and says where they begin (bytes, 16-aligned).

// Adds each amount (float64) to the total of its place (uint16 into float64 totals), in the order of the columns.
export function count(totals: usize, places: usize, amounts: usize, positions: i32): void {
  const whole = positions & ~7;
  let p = places;
  let a = amounts;
  const end = places + (<usize>whole << 1);
  while (p < end) {
    const low = load<u64>(p);
    const high = load<u64>(p, 8);
    add(totals, <usize>(low & 0xffff), load<f64>(a));
    add(totals, <usize>((low >> 16) & 0xffff), load<f64>(a, 8));
    add(totals, <usize>((low >> 32) & 0xffff), load<f64>(a, 16));
    add(totals, <usize>(low >> 48), load<f64>(a, 24));
    add(totals, <usize>(high & 0xffff), load<f64>(a, 32));
    add(totals, <usize>((high >> 16) & 0xffff), load<f64>(a, 40));
    add(totals, <usize>((high >> 32) & 0xffff), load<f64>(a, 48));
    add(totals, <usize>(high >> 48), load<f64>(a, 56));
    p += 16;
    a += 64;
  }
  for (let i = whole; i < positions; i++) {
    add(totals, <usize>load<u16>(p), load<f64>(a));
    p += 2;
    a += 8;
  }
}

// @ts-ignore: decorator
@inline
function add(totals: usize, place: usize, amount: f64): void {
  const at = totals + (place << 3);
  store<f64>(at, load<f64>(at) + amount);
}
