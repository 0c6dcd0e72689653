#include "workload/link_profile.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>

#include "base/file.h"
#include "workload/yaml_read.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Words = std::vector<std::string>;

constexpr Nanoseconds kLongestDelay = 60s;
constexpr std::int64_t kSlowest = 1'000, kFastest = 10'000'000'000;          // bit/s
constexpr std::int64_t kSmallestQueue = 1'500, kLargestQueue = 256LL << 20;  // bytes
constexpr std::int64_t kDefaultQueue = 16 * 1'500;                           // at least
constexpr std::size_t kNameLimit = 32, kMostOutages = 1'000;
constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
const Words kDirectionKeys{"delay", "jitter", "loss", "rate", "queue", "outage"};

struct Unit {
  const char* name;
  double factor;
};

// "10Mbit": a number above 0 and a unit.
Expected<std::int64_t> read_amount(const YamlNode& node, std::string_view what, std::initializer_list<Unit> units,
                                   const char* example, std::int64_t least, std::int64_t most) {
  const auto wrong = [&] { return fail_at(node.mark, "{} must be such as {}, not {}", what, example, found(node)); };
  if (node.kind != YamlNode::Kind::kScalar || node.scalar.empty()) return wrong();
  const std::string& text = node.scalar;
  double number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (status != std::errc{}) return wrong();
  const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto* unit = std::ranges::find(units, rest, [](const Unit& u) { return std::string_view(u.name); });
  if (unit == units.end()) return wrong();
  const double value = number * unit->factor;
  if (!(value >= static_cast<double>(least) && value <= static_cast<double>(most)))
    return fail_at(node.mark, "{} must be from {} to {}, not {}", what, least, most, found(node));
  return std::llround(value);
}

Expected<Nanoseconds> read_time(const YamlNode& node, const std::string& what, Nanoseconds most) {
  const Nanoseconds value = LUMOS_TRY(read_duration(node, what));
  if (value > most) return fail_at(node.mark, "{} must be at most {} s, not {}", what, most / 1s, found(node));
  return value;
}

// {of: 5ms, distribution: normal}
Expected<Jitter> read_jitter(const YamlNode& node) {
  static const Words kKeys{"of", "distribution"}, kDistributions{"normal", "uniform", "pareto"};
  LUMOS_TRY(check_map(node, "'jitter'", kKeys));
  const YamlNode* of = node.find("of");
  if (of == nullptr) return fail_at(node.mark, "'jitter' must say 'of', such as {{of: 5ms, distribution: normal}}");
  Jitter jitter{.of = LUMOS_TRY(read_time(*of, "'jitter.of'", kLongestDelay))};
  if (const auto* distribution = node.find("distribution"))
    jitter.distribution = *parse_name<JitterKind>(LUMOS_TRY(read_word(*distribution, "distribution", kDistributions)));
  return jitter;
}

// {at: 10s, for: 2s, every: 15s}
Expected<Outage> read_outage(const YamlNode& node) {
  static const Words kKeys{"at", "for", "every"};
  LUMOS_TRY(check_map(node, "an outage", kKeys));
  const YamlNode *at = node.find("at"), *lasting = node.find("for"), *every = node.find("every");
  if (at == nullptr || lasting == nullptr)
    return fail_at(node.mark, "an outage must say 'at' and 'for', such as {{at: 10s, for: 2s}}");
  constexpr Nanoseconds kDay = 24h;
  Outage outage{.at = LUMOS_TRY(read_time(*at, "'outage.at'", kDay)),
                .lasting = LUMOS_TRY(read_time(*lasting, "'outage.for'", kDay))};
  if (every == nullptr) return outage;
  outage.repeated = LUMOS_TRY(read_time(*every, "'outage.every'", kDay));
  if (outage.repeated <= outage.lasting)
    return fail_at(every->mark, "'outage.every' must be longer than 'for', or nothing would ever pass");
  return outage;
}

// What the keys of `node` say; the rest stays.
Expected<> read_direction(const YamlNode& node, LinkDirection& d) {
  if (const auto* delay = node.find("delay")) d.delay = LUMOS_TRY(read_time(*delay, "'delay'", kLongestDelay));
  if (const auto* jitter = node.find("jitter")) d.jitter = LUMOS_TRY(read_jitter(*jitter));
  if (const auto* loss = node.find("loss")) d.loss = LUMOS_TRY(read_fraction(*loss, "'loss'"));
  if (const auto* rate = node.find("rate")) {
    d.rate_bit_per_s = LUMOS_TRY(
        read_amount(*rate, "'rate'", {{"kbit", 1e3}, {"Mbit", 1e6}, {"Gbit", 1e9}}, "10Mbit", kSlowest, kFastest));
  }
  if (const auto* queue = node.find("queue")) {
    d.queue_bytes = LUMOS_TRY(
        read_amount(*queue, "'queue'", {{"B", 1}, {"kB", 1e3}, {"MB", 1e6}}, "150kB", kSmallestQueue, kLargestQueue));
  }
  if (const auto* outage = node.find("outage")) {
    d.outages.clear();
    for (const YamlNode* item : LUMOS_TRY(read_items(*outage, "'outage'"))) {
      if (d.outages.size() == kMostOutages) return fail_at(item->mark, "more than {} outages", kMostOutages);
      d.outages.push_back(LUMOS_TRY(read_outage(*item)));
    }
  }
  return {};
}

// What only the whole direction can be asked.
Expected<> check_direction(const YamlNode& node, LinkDirection& d) {
  const Nanoseconds of = d.jitter.of;
  if (d.jitter.distribution == JitterKind::kNormal && 2 * of > d.delay)
    return fail_at(node.mark, "normal jitter must be at most half of 'delay': else some delays would be below 0");
  if (d.jitter.distribution == JitterKind::kUniform && of > d.delay)
    return fail_at(node.mark, "uniform jitter must be at most 'delay': else some delays would be below 0");
  if (d.rate_bit_per_s == 0 && d.queue_bytes != 0)
    return fail_at(node.mark, "a 'queue' needs a 'rate' that it waits for");
  if (d.rate_bit_per_s != 0 && d.queue_bytes == 0)
    d.queue_bytes = std::clamp(d.rate_bit_per_s / 80, kDefaultQueue, kLargestQueue);  // 100 ms
  return {};
}

Expected<std::string> read_name(const YamlNode& node) {
  const YamlNode* name = node.find("name");
  if (name == nullptr) return fail_at(node.mark, "a link within an experiment must have a 'name'");
  std::string text = LUMOS_TRY(read_text(*name, "'name'"));
  if (text.empty() || text.size() > kNameLimit || text.find_first_not_of(kNameCharacters) != std::string::npos)
    return fail_at(name->mark, "'name' must be 1 to {} letters, digits, '-' or '_', not {}", kNameLimit, found(*name));
  if (text == kNoLink) return fail_at(name->mark, "no link may have the name '{}'", kNoLink);
  return text;
}

}  // namespace

Expected<LinkProfile> read_link_profile(const YamlNode& node, std::string name) {
  Words keys = kDirectionKeys;
  for (const char* key : {"up", "down"}) keys.emplace_back(key);
  if (name.empty())
    keys.emplace_back("name");
  else
    keys.insert(keys.end(), {"about", "sources"});
  LUMOS_TRY(check_map(node, "a link", keys));
  LinkProfile link{.name = name.empty() ? LUMOS_TRY(read_name(node)) : std::move(name)};
  LUMOS_TRY(read_direction(node, link.up));
  link.down = link.up;
  for (auto [key, direction] : {std::pair("up", &link.up), std::pair("down", &link.down)}) {
    const YamlNode* own = node.find(key);
    if (own != nullptr) {
      LUMOS_TRY(check_map(*own, std::format("'{}'", key), kDirectionKeys));
      LUMOS_TRY(read_direction(*own, *direction));
    }
    LUMOS_TRY(check_direction(own == nullptr ? node : *own, *direction));
  }
  return link;
}

Expected<LinkProfile> parse_link_profile(std::string_view text, const std::string& file_name) {
  return read_link_profile(LUMOS_TRY(parse_yaml(text, file_name)), fs::path(file_name).stem().string());
}

Expected<std::vector<LinkProfile>> load_link_profiles(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::end(it); it.increment(error)) {
    if (it->path().extension() == ".yaml") files.push_back(it->path());
  }
  std::ranges::sort(files);
  std::vector<LinkProfile> links;
  for (const auto& file : files) {
    const std::string text = LUMOS_TRY(read_file(file, 1 << 20));
    links.push_back(LUMOS_TRY(parse_link_profile(text, file.string())));
  }
  return links;
}

}  // namespace lumos
