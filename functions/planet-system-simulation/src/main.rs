//! Serves `planet-system-simulation`.

fn main() {
    sdk::serve(planet_system_simulation::simulate)
}
