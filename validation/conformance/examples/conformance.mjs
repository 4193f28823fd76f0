// The qbval conformance protocol in JavaScript: Node 18 or newer, no packages.
//
// Reads one JSON line a case from stdin and writes one JSON line with all 17 observables:
//
//     qbval conformance check --exec "node conformance.mjs"
//
// Method: between two neighbouring band edges omega = middle - half cos(theta), which removes the
// square roots at the edges; panels graded towards the resonance and the Fermi steps;
// Gauss-Legendre on each. Bound states are left out: such a case is answered with an "error".

import { createInterface } from "node:readline";

const NODES = 24;
const { abs, acos, cos, exp, expm1, hypot, log, log1p, max, min, PI, sign, sin, sqrt } = Math;

// ---- Physics ------------------------------------------------------------------------------------

// Retarded self-energy at real omega: its real part, and gamma = -2 Im >= 0.
function selfEnergy({ onsite, hopping, coupling }, omega) {
  const scale = coupling * (coupling / hopping);
  const y = (omega - onsite) / (2 * hopping);
  const root = sqrt(abs((1 - y) * (1 + y)));
  return abs(y) <= 1
    ? { real: scale * y, gamma: 2 * scale * root }
    : { real: (scale * sign(y)) / (abs(y) + root), gamma: 0 }; // y - sgn(y) root, stable
}

const fermi = (x) => (x > 0 ? exp(-x) / (1 + exp(-x)) : 1 / (1 + exp(x)));
const logFermi = (x) => (x > 0 ? -x - log1p(exp(-x)) : -log1p(exp(x)));

// Exponent of a minus that of b, (omega - mu)/T, formed from what the two reservoirs differ in.
const exponentDifference = (omega, a, b) =>
  (b.mu - a.mu) / a.temperature +
  ((omega - b.mu) * ((b.temperature - a.temperature) / a.temperature)) / b.temperature;

// fermi(x) - fermi(y) as a product, given x - y: no difference of nearly equal numbers.
const fermiDifference = (x, y, difference) =>
  difference > 0
    ? fermi(y) * fermi(-x) * expm1(-difference)
    : -fermi(x) * fermi(-y) * expm1(difference);

// p ln p, where q = 1 - p is known as well.
const pLogP = (p, q) => (p <= 0 ? 0 : p * (p > 0.5 ? log1p(-q) : log(p)));

// p ln(p/p0) - (p - p0) = p0 [(1+y) ln(1+y) - y], y = (p - p0)/p0, given the difference p - p0.
function relative(p, p0, logP0, difference) {
  const y = difference / p0;
  if (p <= 0) return p0;
  if (!(abs(y) < 0.1)) return p * (log(p) - logP0) - difference;
  let sum = 0; // sum of (-y)^n / (n (n - 1)) from n = 2
  for (let n = 2, term = y * y; n < 20; n++, term *= -y) sum += term / (n * (n - 1));
  return p0 * sum;
}

// Add weight * (all integrands at omega) to the sums.
function add(junction, omega, weight, sum) {
  const { level, left, right, mu_eq, temperature_eq } = junction;
  const L = selfEnergy(left, omega);
  const R = selfEnergy(right, omega);
  const gamma = L.gamma + R.gamma;
  if (gamma === 0) return;
  const green = 1 / hypot(omega - level - L.real - R.real, gamma / 2); // |G|
  const partL = L.gamma / gamma;
  const partR = R.gamma / gamma;
  const xL = (omega - left.mu) / left.temperature;
  const xR = (omega - right.mu) / right.temperature;
  const x = (omega - mu_eq) / temperature_eq;
  const f = partL * fermi(xL) + partR * fermi(xR);
  const holes = partL * fermi(-xL) + partR * fermi(-xR); // 1 - f
  const equilibrium = { mu: mu_eq, temperature: temperature_eq };
  const LFromR = exponentDifference(omega, left, right);
  const difference = // f - f_eq
    partL * fermiDifference(xL, x, exponentDifference(omega, left, equilibrium)) +
    partR * fermiDifference(xR, x, exponentDifference(omega, right, equilibrium));
  const A = (weight * (gamma * green) * green) / (2 * PI);
  const tau = (weight * (L.gamma * green) * (R.gamma * green)) / (2 * PI);
  const current = tau * fermiDifference(xL, xR, LFromR);

  sum.weight += A;
  sum.N += A * f;
  sum.holes += A * holes;
  sum.E += A * f * omega;
  sum.S -= A * (pLogP(f, holes) + pLogP(holes, f));
  sum.X += A * (
    relative(f, fermi(x), logFermi(x), difference) +
    relative(holes, fermi(-x), logFermi(-x), -difference)
  );
  sum.N_eq += A * fermi(x);
  sum.holes_eq += A * fermi(-x);
  sum.E_eq += A * fermi(x) * omega;
  sum.S_eq -= A * (fermi(x) * logFermi(x) + fermi(-x) * logFermi(-x));
  sum.I += current;
  sum.J += current * omega;
  sum.heatL += current * (omega - left.mu);
  sum.heatR += current * (omega - right.mu);
  sum.sigma -= current * LFromR;
}

// ---- Quadrature ---------------------------------------------------------------------------------

// Nodes and weights of the Gauss-Legendre rule on [-1, 1], by Newton's method.
const RULE = Array.from({ length: NODES }, (_, i) => {
  let x = cos((PI * (i + 0.75)) / (NODES + 0.5));
  let slope = 1;
  for (let step = 0; step < 6; step++) {
    let [before, p] = [1, x];
    for (let n = 2; n <= NODES; n++) {
      [before, p] = [p, ((2 * n - 1) * x * p - (n - 1) * before) / n];
    }
    slope = (NODES * (before - x * p)) / ((1 - x) * (1 + x));
    x -= p / slope;
  }
  return { x, weight: 2 / ((1 - x) * (1 + x) * slope * slope) };
});

// Break points at centre +- width 3^n: no panel is much wider than its distance to the feature.
function graded(centre, width, low, high) {
  const c = min(max(centre, low), high);
  const points = [c];
  for (let d = max(width, 1e-16 * (high - low)); d < high - low; d *= 3) points.push(c - d, c + d);
  return points.filter((point) => low <= point && point <= high);
}

function integrate(junction, low, high, sum) {
  const { level, left, right, mu_eq, temperature_eq } = junction;
  const middle = low + (high - low) / 2;
  const half = (high - low) / 2;

  // The resonance: where omega = level + Re Sigma; its half width is gamma/2.
  let omega = min(max(level, low), high);
  let gamma = 0;
  for (let step = 0; step < 30; step++) {
    const [L, R] = [selfEnergy(left, omega), selfEnergy(right, omega)];
    gamma = L.gamma + R.gamma;
    omega = min(max(level + L.real + R.real, low), high);
  }
  const theta = [
    ...graded(omega, gamma / 2, low, high),
    ...graded(left.mu, 2 * left.temperature, low, high),
    ...graded(right.mu, 2 * right.temperature, low, high),
    ...graded(mu_eq, 2 * temperature_eq, low, high),
  ].map((point) => acos(min(max((middle - point) / half, -1), 1)));
  for (let i = 0; i <= 8; i++) theta.push((PI * i) / 8); // a uniform grid sees to the rest
  theta.sort((a, b) => a - b);

  for (let i = 1; i < theta.length; i++) {
    const centre = (theta[i] + theta[i - 1]) / 2;
    const radius = (theta[i] - theta[i - 1]) / 2;
    if (radius === 0) continue;
    for (const { x, weight } of RULE) {
      const t = centre + radius * x;
      add(junction, middle - half * cos(t), radius * weight * half * sin(t), sum);
    }
  }
}

// ---- Protocol -----------------------------------------------------------------------------------

function values(junction) {
  const v = { weight: 0, N: 0, holes: 0, E: 0, S: 0, X: 0, N_eq: 0, holes_eq: 0, E_eq: 0, S_eq: 0,
    I: 0, J: 0, heatL: 0, heatR: 0, sigma: 0 };
  const edges = [junction.left, junction.right]
    .flatMap(({ onsite, hopping }) => [onsite - 2 * hopping, onsite + 2 * hopping])
    .sort((a, b) => a - b);
  for (let i = 1; i < 4; i++) {
    if (edges[i] > edges[i - 1]) integrate(junction, edges[i - 1], edges[i], v);
  }
  const S2 = -pLogP(v.N, v.holes) - pLogP(v.holes, v.N);
  const X2 =
    relative(v.N, v.N_eq, log(v.N_eq), v.N - v.N_eq) +
    relative(v.holes, v.holes_eq, log(v.holes_eq), v.N_eq - v.N);
  return {
    spectral_weight: v.weight,
    particle_number: v.N,
    energy: v.E,
    entropy: v.S,
    exergy: v.X,
    charge_current: v.I,
    energy_current: v.J,
    heat_current_left: v.heatL,
    heat_current_right: v.heatR,
    entropy_production: v.sigma,
    equilibrium_particle_number: v.N_eq,
    equilibrium_energy: v.E_eq,
    equilibrium_entropy: v.S_eq,
    two_state_entropy: S2,
    two_state_exergy: X2,
    entropy_gap: S2 - v.S,
    exergy_gap: v.X - X2,
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") continue;
  const { id, bound_state_occupations: states, ...junction } = JSON.parse(line);
  const result = states.length > 0
    ? { id, error: "bound states are not implemented" }
    : { id, values: values(junction) };
  process.stdout.write(JSON.stringify(result) + "\n");
}
