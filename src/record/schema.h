// The tables of run.sqlite (explained in docs/formats/run.md), and the columns of a sample in their one order.
#pragma once

namespace lumos {

/// The version of the tables that this program writes and reads.
inline constexpr int kStoreSchema = 5;

inline constexpr const char* kCreateTables = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE deployments(id INTEGER PRIMARY KEY, function TEXT NOT NULL, runtime TEXT NOT NULL, variant TEXT NOT NULL,
  environment TEXT NOT NULL, traits TEXT NOT NULL, image_digest TEXT NOT NULL, image_bytes INTEGER, unique_bytes INTEGER,
  unpacked_bytes INTEGER, artefact_bytes INTEGER, image_verified INTEGER, device TEXT NOT NULL, scaling TEXT NOT NULL);
CREATE TABLE cells(id INTEGER PRIMARY KEY, deployment INTEGER NOT NULL, factors TEXT NOT NULL, start TEXT NOT NULL,
  input INTEGER NOT NULL, expected_digest TEXT, load TEXT);
CREATE TABLE inputs(id INTEGER PRIMARY KEY, function TEXT NOT NULL, payload TEXT NOT NULL, format TEXT NOT NULL,
  stored INTEGER NOT NULL, content_type TEXT NOT NULL, body BLOB NOT NULL, made INTEGER NOT NULL, payload_bytes INTEGER,
  payload_hash TEXT NOT NULL, input_key TEXT NOT NULL, output_key TEXT NOT NULL);
CREATE TABLE visits(id INTEGER PRIMARY KEY, cell INTEGER NOT NULL, round INTEGER NOT NULL, finished INTEGER NOT NULL,
  elapsed_ns INTEGER, steal_ns INTEGER, machine_busy_ns INTEGER, own_cpu_ns INTEGER, throttled_ns INTEGER,
  psi_cpu_ns INTEGER, psi_memory_ns INTEGER, frequency_khz INTEGER, image_pages INTEGER, image_pages_cached INTEGER,
  runtime_pages INTEGER, runtime_pages_cached INTEGER, image_layers INTEGER, image_layers_there INTEGER,
  cache_exception TEXT, neighbour_elapsed_ns INTEGER, neighbour_cpu_ns INTEGER, neighbour_bytes INTEGER);
CREATE TABLE instances(id INTEGER PRIMARY KEY, visit INTEGER NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, cpu_launch_ns INTEGER,
  cpu_total_ns INTEGER, memory_peak_bytes INTEGER, aot_code_bytes INTEGER, note TEXT NOT NULL,
  context_switches_voluntary INTEGER, context_switches_involuntary INTEGER, page_faults_minor INTEGER, page_faults_major INTEGER,
  pss_bytes INTEGER, memory_bytes INTEGER, throttled_periods INTEGER, throttled_ns INTEGER, block_read_bytes INTEGER,
  block_write_bytes INTEGER, network_receive_bytes INTEGER, network_send_bytes INTEGER, last_core INTEGER, series_missed INTEGER,
  cpu_periods INTEGER, cpu_quota_ns INTEGER, cpu_period_ns INTEGER, memory_limit_bytes INTEGER, oom_kills INTEGER,
  cores_allowed TEXT);
CREATE TABLE series(instance INTEGER NOT NULL, t_ns INTEGER NOT NULL, cpu_total_ns INTEGER, memory_bytes INTEGER,
  PRIMARY KEY(instance, t_ns)) WITHOUT ROWID;
CREATE TABLE steps(instance INTEGER NOT NULL, step TEXT NOT NULL, begin_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL,
  cpu_ns INTEGER, PRIMARY KEY(instance, step)) WITHOUT ROWID;
CREATE TABLE density(deployment INTEGER NOT NULL, repetition INTEGER NOT NULL, instances INTEGER NOT NULL, pss_bytes INTEGER,
  memory_bytes INTEGER, host_bytes INTEGER, PRIMARY KEY(deployment, repetition, instances)) WITHOUT ROWID;
CREATE TABLE decisions(visit INTEGER NOT NULL, deployment INTEGER NOT NULL, t_ns INTEGER NOT NULL, stable_concurrency REAL,
  panic_concurrency REAL, desired INTEGER NOT NULL, actual INTEGER NOT NULL, panicking INTEGER NOT NULL,
  reason TEXT NOT NULL);
CREATE TABLE samples(id INTEGER PRIMARY KEY, visit INTEGER NOT NULL, role TEXT NOT NULL, outcome TEXT NOT NULL,
  http_status INTEGER, start TEXT, start_verified INTEGER, instance INTEGER, invocation INTEGER, idle_gap_ns INTEGER,
  intended_ns INTEGER, sent_ns INTEGER, received_ns INTEGER, pull_begin_ns INTEGER, pull_end_ns INTEGER, unpack_begin_ns INTEGER, unpack_end_ns INTEGER,
  create_begin_ns INTEGER, create_end_ns INTEGER,
  start_begin_ns INTEGER, start_end_ns INTEGER, ready_ns INTEGER, dispatched_ns INTEGER, responded_ns INTEGER, done_ns INTEGER,
  span_receive_ns INTEGER, span_deserialize_ns INTEGER, span_fetch_ns INTEGER, span_compute_ns INTEGER,
  span_digest_ns INTEGER, span_store_ns INTEGER, span_serialize_ns INTEGER, span_handle_ns INTEGER, span_cpu_ns INTEGER,
  cpu_before_ns INTEGER, cpu_after_ns INTEGER, request_bytes INTEGER, response_bytes INTEGER, digest TEXT NOT NULL);
CREATE TABLE loads(visit INTEGER PRIMARY KEY, requests INTEGER NOT NULL, ok INTEGER NOT NULL, wrong_output INTEGER NOT NULL,
  bad_status INTEGER NOT NULL, malformed INTEGER NOT NULL, refused INTEGER NOT NULL, reset INTEGER NOT NULL,
  timeout INTEGER NOT NULL, launch_failed INTEGER NOT NULL, not_ready INTEGER NOT NULL, no_socket INTEGER NOT NULL, storage_failed INTEGER NOT NULL,
  cold INTEGER NOT NULL, behind INTEGER NOT NULL, first INTEGER NOT NULL, warm INTEGER NOT NULL, sent INTEGER NOT NULL,
  waited INTEGER NOT NULL, kept INTEGER NOT NULL, asked_per_s REAL, window_ns INTEGER NOT NULL, wall_ns INTEGER NOT NULL,
  schedule_error_p50_ns INTEGER, schedule_error_p99_ns INTEGER, schedule_error_max_ns INTEGER,
  generator_cpu_ns INTEGER NOT NULL, generator_spun_ns INTEGER NOT NULL, core_busy_share REAL, real_time INTEGER NOT NULL,
  instance_cpu_ns INTEGER, backlog TEXT NOT NULL);
CREATE TABLE load_latencies(visit INTEGER NOT NULL, latency_ns INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(visit, latency_ns)) WITHOUT ROWID;
CREATE TABLE events(id INTEGER PRIMARY KEY, utc TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL);
)sql";

inline constexpr const char* kInsertSample =
    "INSERT INTO samples VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

}  // namespace lumos
