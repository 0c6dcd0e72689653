//! `planet-system-simulation`: the Sun and the four giant planets, step by step: computation in double precision.
//!
//! Only + − × ÷ √ on f64, each rounded as IEEE 754 says, in one order: so the last bit is the same on every runtime. (Sine and
//! its like would differ from one C library to the next; so would a fused multiplication and addition.)

use sdk::{Answer, Failure, Span, Spans};
use serde::{Deserialize, Serialize};

const MAX_STEPS: u32 = 100_000_000;
/// Days.
const STEP: f64 = 0.01;
const SOLAR_MASS: f64 = 4.0 * std::f64::consts::PI * std::f64::consts::PI;
const DAYS_PER_YEAR: f64 = 365.24;
const BODIES: usize = 5;

/// What is asked for.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Steps of a hundredth of a day: 0 to 100,000,000.
    #[prost(uint32, tag = "1")]
    pub steps: u32,
}

/// Where it all went.
#[derive(Serialize, Deserialize, prost::Message)]
pub struct Response {
    /// Of the whole system; only the method's error changes it.
    #[prost(double, tag = "1")]
    pub energy: f64,
    /// x, y, z of the Sun, Jupiter, Saturn, Uranus, Neptune in astronomical units.
    #[prost(double, repeated, tag = "2")]
    pub positions: Vec<f64>,
}

#[derive(Clone, Copy)]
struct Body {
    place: [f64; 3],
    speed: [f64; 3],
    mass: f64,
}

impl Body {
    /// Speed in astronomical units a day, mass in solar masses.
    const fn new(place: [f64; 3], [x, y, z]: [f64; 3], mass: f64) -> Self {
        Body { place, speed: [x * DAYS_PER_YEAR, y * DAYS_PER_YEAR, z * DAYS_PER_YEAR], mass: mass * SOLAR_MASS }
    }
}

/// The state of 1 January 2000 that the n-body programs of the Computer Language Benchmarks Game start from.
#[expect(clippy::excessive_precision, reason = "the digits as published")]
const SYSTEM: [Body; BODIES] = [
    Body::new([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 1.0),
    Body::new(
        [4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01],
        [1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05],
        9.54791938424326609e-04,
    ),
    Body::new(
        [8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01],
        [-2.76742510726411001e-03, 4.99852801234917238e-03, 2.30417297573763929e-05],
        2.85885980666130812e-04,
    ),
    Body::new(
        [1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01],
        [2.96460137564761618e-03, 2.37847173959480950e-03, -2.96589568540237556e-05],
        4.36624404335156298e-05,
    ),
    Body::new(
        [1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01],
        [2.68067772490389322e-03, 1.62824170038242295e-03, -9.51592254519715870e-05],
        5.15138902046611451e-05,
    ),
];

/// The system with its centre of mass at rest.
fn system() -> [Body; BODIES] {
    let mut bodies = SYSTEM;
    for axis in 0..3 {
        let momentum: f64 = SYSTEM.iter().map(|body| body.speed[axis] * body.mass).sum();
        bodies[0].speed[axis] = -momentum / SOLAR_MASS;
    }
    bodies
}

fn difference(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn square(a: &[f64; 3]) -> f64 {
    a[0] * a[0] + a[1] * a[1] + a[2] * a[2]
}

/// One step of the semi-implicit Euler method: every pair changes each other's speed, then every body moves.
fn advance(bodies: &mut [Body; BODIES]) {
    for i in 0..BODIES {
        for j in i + 1..BODIES {
            let apart = difference(&bodies[i].place, &bodies[j].place);
            let squared = square(&apart);
            let pull = STEP / (squared * squared.sqrt());
            let (of_i, of_j) = (bodies[i].mass * pull, bodies[j].mass * pull);
            for (axis, apart) in apart.iter().enumerate() {
                bodies[i].speed[axis] -= apart * of_j;
                bodies[j].speed[axis] += apart * of_i;
            }
        }
    }
    for body in bodies {
        for axis in 0..3 {
            body.place[axis] += STEP * body.speed[axis];
        }
    }
}

fn energy(bodies: &[Body; BODIES]) -> f64 {
    let mut energy = 0.0;
    for (i, body) in bodies.iter().enumerate() {
        energy += 0.5 * body.mass * square(&body.speed);
        for other in &bodies[i + 1..] {
            energy -= body.mass * other.mass / square(&difference(&body.place, &other.place)).sqrt();
        }
    }
    energy
}

fn after(steps: u32) -> [Body; BODIES] {
    let mut bodies = system();
    for _ in 0..steps {
        advance(&mut bodies);
    }
    bodies
}

/// Every place and speed, bit by bit.
fn canonical(bodies: &[Body; BODIES]) -> Vec<u8> {
    bodies.iter().flat_map(|body| body.place.into_iter().chain(body.speed)).flat_map(f64::to_le_bytes).collect()
}

/// Answers one request.
pub fn simulate(Request { steps }: Request, spans: &mut Spans) -> Result<Answer<Response>, Failure> {
    if steps > MAX_STEPS {
        return Err(Failure::bad_request("steps must be from 0 to 100000000"));
    }
    let bodies = spans.time(Span::Compute, || after(steps));
    let positions = bodies.iter().flat_map(|body| body.place).collect();
    Ok(Answer::new(Response { energy: energy(&bodies), positions }, canonical(&bodies)))
}

#[cfg(test)]
mod tests;
