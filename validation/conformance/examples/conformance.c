/* The qbval conformance protocol in C99, without dependencies.
 *
 * Reads one JSON line a case from stdin and writes one JSON line with all 17 observables:
 *
 *     cc -O2 -o conformance conformance.c -lm
 *     qbval conformance check --exec ./conformance
 *
 * Method: between two neighbouring band edges omega = middle - half cos(theta), which removes the
 * square roots at the edges; panels graded towards the resonance and the Fermi steps;
 * Gauss-Legendre on each. Bound states are left out: such a case is answered with an "error".
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 24, MAX_POINTS = 512 }; /* four features of at most 69 points, and a grid of 9 */
static const double PI = 3.14159265358979323846;

typedef struct { double onsite, hopping, coupling, mu, temperature; } Lead;
typedef struct { double level, mu_eq, temperature_eq; Lead lead[2]; } Junction;

/* The integrals that everything else follows from. */
enum {
    WEIGHT, N, HOLES, E, S, X, N_EQ, HOLES_EQ, E_EQ, S_EQ, I_Q, J_E, HEAT_L, HEAT_R, SIGMA, COUNT
};

/* ---- Physics ------------------------------------------------------------------------------- */

/* Retarded self-energy at real omega: its real part, and Gamma = -2 Im >= 0. */
static void self_energy(const Lead *a, double omega, double *real, double *gamma)
{
    double scale = a->coupling * (a->coupling / a->hopping);
    double y = (omega - a->onsite) / (2 * a->hopping), root = sqrt(fabs((1 - y) * (1 + y)));
    int inside = fabs(y) <= 1;
    *real = scale * (inside ? y : copysign(1 / (fabs(y) + root), y)); /* y - sgn(y) root, stable */
    *gamma = inside ? 2 * scale * root : 0;
}

static double fermi(double x) { return x > 0 ? exp(-x) / (1 + exp(-x)) : 1 / (1 + exp(x)); }

/* Exponent of a minus that of b, (omega - mu)/T, formed from what the two reservoirs differ in. */
static double exponent_difference(double omega, double mu_a, double T_a, double mu_b, double T_b)
{
    return (mu_b - mu_a) / T_a + (omega - mu_b) * ((T_b - T_a) / T_a) / T_b;
}

/* fermi(x) - fermi(y) as a product, given x - y: no difference of nearly equal numbers. */
static double fermi_difference(double x, double y, double difference)
{
    if (difference > 0) return fermi(y) * fermi(-x) * expm1(-difference);
    return -fermi(x) * fermi(-y) * expm1(difference);
}

static double log_fermi(double x) { return x > 0 ? -x - log1p(exp(-x)) : -log1p(exp(x)); }

/* p ln p, where q = 1 - p is known as well. */
static double p_log_p(double p, double q)
{
    return p <= 0 ? 0 : p * (p > 0.5 ? log1p(-q) : log(p));
}

/* p ln(p/p0) - (p - p0) = p0 [(1+y) ln(1+y) - y], y = (p - p0)/p0, given the difference p - p0. */
static double relative(double p, double p0, double log_p0, double difference)
{
    double y = difference / p0;
    if (p <= 0) return p0;
    if (!(fabs(y) < 0.1)) return p * (log(p) - log_p0) - difference;
    double term = y * y, sum = 0; /* sum of (-y)^n / (n (n - 1)) from n = 2 */
    for (int n = 2; n < 20; n++, term *= -y) sum += term / (n * (n - 1.0));
    return p0 * sum;
}

/* Add weight * (all integrands at omega) to the sums. */
static void add(const Junction *j, double omega, double weight, double *sum)
{
    const Lead *L = &j->lead[0], *R = &j->lead[1];
    double real_L, real_R, gamma_L, gamma_R;
    self_energy(L, omega, &real_L, &gamma_L);
    self_energy(R, omega, &real_R, &gamma_R);
    double gamma = gamma_L + gamma_R;
    if (gamma == 0) return;
    double green = 1 / hypot(omega - j->level - real_L - real_R, gamma / 2); /* |G| */
    double part_L = gamma_L / gamma, part_R = gamma_R / gamma;
    double mu = j->mu_eq, T = j->temperature_eq, x = (omega - mu) / T;
    double x_L = (omega - L->mu) / L->temperature, x_R = (omega - R->mu) / R->temperature;
    double f = part_L * fermi(x_L) + part_R * fermi(x_R), f_eq = fermi(x);
    double h = part_L * fermi(-x_L) + part_R * fermi(-x_R), h_eq = fermi(-x); /* holes, 1 - f */
    double L_from_eq = exponent_difference(omega, L->mu, L->temperature, mu, T);
    double R_from_eq = exponent_difference(omega, R->mu, R->temperature, mu, T);
    double L_from_R = exponent_difference(omega, L->mu, L->temperature, R->mu, R->temperature);
    double difference = part_L * fermi_difference(x_L, x, L_from_eq)
                        + part_R * fermi_difference(x_R, x, R_from_eq); /* f - f_eq */
    double A = weight * (gamma * green) * green / (2 * PI);
    double current = weight * (gamma_L * green) * (gamma_R * green) / (2 * PI);
    current *= fermi_difference(x_L, x_R, L_from_R);

    sum[WEIGHT] += A;
    sum[N] += A * f;
    sum[HOLES] += A * h;
    sum[E] += A * f * omega;
    sum[S] -= A * (p_log_p(f, h) + p_log_p(h, f));
    sum[X] += A * (relative(f, f_eq, log_fermi(x), difference)
                   + relative(h, h_eq, log_fermi(-x), -difference));
    sum[N_EQ] += A * f_eq;
    sum[HOLES_EQ] += A * h_eq;
    sum[E_EQ] += A * f_eq * omega;
    sum[S_EQ] -= A * (f_eq * log_fermi(x) + h_eq * log_fermi(-x));
    sum[I_Q] += current;
    sum[J_E] += current * omega;
    sum[HEAT_L] += current * (omega - L->mu);
    sum[HEAT_R] += current * (omega - R->mu);
    sum[SIGMA] -= current * L_from_R;
}

/* ---- Quadrature ---------------------------------------------------------------------------- */

static double node[NODES], node_weight[NODES];

/* Nodes and weights of the Gauss-Legendre rule on [-1, 1], by Newton's method. */
static void gauss_legendre(void)
{
    for (int i = 0; i < NODES; i++) {
        double x = cos(PI * (i + 0.75) / (NODES + 0.5)), slope = 1;
        for (int step = 0; step < 6; step++) {
            double p = x, before = 1;
            for (int n = 2; n <= NODES; n++) {
                double next = ((2 * n - 1) * x * p - (n - 1) * before) / n;
                before = p, p = next;
            }
            slope = NODES * (before - x * p) / ((1 - x) * (1 + x));
            x -= p / slope;
        }
        node[i] = x;
        node_weight[i] = 2 / ((1 - x) * (1 + x) * slope * slope);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Break points at centre +- width 3^n: no panel is much wider than its distance to the feature. */
static void grade(double centre, double width, double low, double high, double *points, int *count)
{
    if (!(width > 1e-16 * (high - low))) width = 1e-16 * (high - low);
    centre = fmin(fmax(centre, low), high);
    points[(*count)++] = centre;
    for (double d = width; d < high - low; d *= 3) {
        if (centre - d > low) points[(*count)++] = centre - d;
        if (centre + d < high) points[(*count)++] = centre + d;
    }
}

static void integrate(const Junction *j, double low, double high, double *sum)
{
    double middle = low + (high - low) / 2, half = (high - low) / 2, points[MAX_POINTS];
    int count = 0;

    /* The resonance: where omega = level + Re Sigma; its half width is Gamma/2. */
    double omega = fmin(fmax(j->level, low), high), gamma = 0;
    for (int step = 0; step < 30; step++) {
        double real[2], width[2];
        for (int a = 0; a < 2; a++) self_energy(&j->lead[a], omega, &real[a], &width[a]);
        gamma = width[0] + width[1];
        omega = fmin(fmax(j->level + real[0] + real[1], low), high);
    }
    grade(omega, gamma / 2, low, high, points, &count);
    for (int a = 0; a < 2; a++)
        grade(j->lead[a].mu, 2 * j->lead[a].temperature, low, high, points, &count);
    grade(j->mu_eq, 2 * j->temperature_eq, low, high, points, &count);

    /* The same in theta; a uniform grid of 8 sees to the rest. */
    for (int i = 0; i < count; i++)
        points[i] = acos(fmin(fmax((middle - points[i]) / half, -1), 1));
    for (int i = 0; i <= 8; i++) points[count++] = PI * i / 8;
    qsort(points, count, sizeof *points, ascending);
    for (int i = 1; i < count; i++) {
        double centre = (points[i] + points[i - 1]) / 2, radius = (points[i] - points[i - 1]) / 2;
        for (int n = 0; n < NODES && radius > 0; n++) {
            double theta = centre + radius * node[n];
            add(j, middle - half * cos(theta), radius * node_weight[n] * half * sin(theta), sum);
        }
    }
}

/* ---- Protocol ------------------------------------------------------------------------------ */

/* Return what follows "key": in the text, or exit: the input is not what was agreed upon. */
static const char *after(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *p = text; p && (p = strchr(p, '"')); p++)
        if (!strncmp(p + 1, key, length) && p[length + 1] == '"') {
            p += length + 2;
            p += strspn(p, " \t");
            if (*p == ':') return p + 1 + strspn(p + 1, " \t");
        }
    fprintf(stderr, "no \"%s\" in the input line\n", key);
    exit(2);
}

static double number(const char *text, const char *key) { return strtod(after(text, key), NULL); }

static Lead lead(const char *line, const char *side)
{
    const char *p = after(line, side);
    return (Lead){number(p, "onsite"), number(p, "hopping"), number(p, "coupling"),
                  number(p, "mu"), number(p, "temperature")};
}

static void answer(const char *line)
{
    const char *id = after(line, "id");
    printf("{\"id\": %.*s, ", (int)(strchr(id + 1, '"') - id + 1), id);
    const char *states = after(line, "bound_state_occupations");
    if (states[1 + strspn(states + 1, " \t")] != ']') {
        printf("\"error\": \"bound states are not implemented\"}\n");
        return;
    }
    Junction j = {number(line, "level"), number(line, "mu_eq"), number(line, "temperature_eq"),
                  {lead(line, "left"), lead(line, "right")}};
    double edge[4], v[COUNT] = {0};
    for (int a = 0; a < 2; a++)
        for (int s = 0; s < 2; s++)
            edge[2 * a + s] = j.lead[a].onsite + (4 * s - 2) * j.lead[a].hopping;
    qsort(edge, 4, sizeof *edge, ascending);
    for (int i = 1; i < 4; i++)
        if (edge[i] > edge[i - 1]) integrate(&j, edge[i - 1], edge[i], v);

    double S2 = -p_log_p(v[N], v[HOLES]) - p_log_p(v[HOLES], v[N]);
    double X2 = relative(v[N], v[N_EQ], log(v[N_EQ]), v[N] - v[N_EQ])
                + relative(v[HOLES], v[HOLES_EQ], log(v[HOLES_EQ]), v[N_EQ] - v[N]);
    const struct { const char *name; double value; } result[] = {
        {"spectral_weight", v[WEIGHT]},
        {"particle_number", v[N]},
        {"energy", v[E]},
        {"entropy", v[S]},
        {"exergy", v[X]},
        {"charge_current", v[I_Q]},
        {"energy_current", v[J_E]},
        {"heat_current_left", v[HEAT_L]},
        {"heat_current_right", v[HEAT_R]},
        {"entropy_production", v[SIGMA]},
        {"equilibrium_particle_number", v[N_EQ]},
        {"equilibrium_energy", v[E_EQ]},
        {"equilibrium_entropy", v[S_EQ]},
        {"two_state_entropy", S2},
        {"two_state_exergy", X2},
        {"entropy_gap", S2 - v[S]},
        {"exergy_gap", v[X] - X2},
    };
    const char *separator = "";
    printf("\"values\": {");
    for (size_t i = 0; i < sizeof result / sizeof *result; i++) {
        if (!isfinite(result[i].value)) continue; /* JSON has no NaN: leave it out */
        printf("%s\"%s\": %.17g", separator, result[i].name, result[i].value);
        separator = ", ";
    }
    printf("}}\n");
}

int main(void)
{
    static char line[65536];
    gauss_legendre();
    while (fgets(line, sizeof line, stdin)) {
        if (line[strspn(line, " \t\r\n")]) answer(line);
        fflush(stdout); /* one line in, one line out: nobody waits for a full buffer */
    }
    return 0;
}
