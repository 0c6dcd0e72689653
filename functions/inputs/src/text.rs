//! Text that looks natural, in several languages: a walk over the words of a short passage, from each word to one that follows
//! it there.

use crate::random::Random;
use std::collections::HashMap;

/// Sentences are long enough, and share enough words, for the walk to find its way from one to another.
const PASSAGES: [&str; 9] = [
    "The old harbour lies at the end of the road, and the boats come back in the evening when the wind is low. In the morning \
     the people of the town walk down to the water and wait for the first boat, because the fish is best when it is fresh. A \
     woman who had lived there for many years told me that the sea was never the same on two days. She said that the weather \
     comes from the west, and that the sky in the evening tells what the morning will bring. We sat on a bench in front of the \
     house and looked at the lights on the other side of the bay until it was too dark to read.",
    "Am Ende der Straße liegt der alte Hafen, und am Abend kommen die Boote zurück, wenn der Wind schwächer wird. Am Morgen \
     gehen die Leute aus der Stadt hinunter zum Wasser und warten auf das erste Boot, weil der Fisch dann am besten ist. Eine \
     Frau, die seit vielen Jahren dort wohnte, erzählte mir, dass das Meer an keinem Tag so ist wie am Tag davor. Sie sagte, \
     dass das Wetter aus dem Westen kommt und dass der Himmel am Abend zeigt, was der Morgen bringen wird. Wir saßen auf einer \
     Bank vor dem Haus und sahen auf die Lichter der anderen Seite, bis es zu dunkel war, um zu lesen.",
    "Le vieux port se trouve au bout de la route, et les bateaux rentrent le soir quand le vent est faible. Le matin, les gens \
     de la ville descendent vers la mer et attendent le premier bateau, parce que le poisson est meilleur quand il est frais. \
     Une femme qui habitait là depuis des années m'a dit que la mer n'était jamais la même deux jours de suite. Elle disait que \
     le temps vient de l'ouest et que le ciel du soir annonce ce que le matin va apporter. Nous étions assis sur un banc devant \
     la maison et nous avons regardé les lumières de l'autre côté de la baie jusqu'à la nuit.",
    "El viejo puerto está al final del camino, y los barcos vuelven por la tarde cuando el viento es débil. Por la mañana la \
     gente del pueblo baja hasta el agua y espera el primer barco, porque el pescado es mejor cuando está fresco. Una mujer que \
     vivía allí desde hacía muchos años me dijo que el mar nunca era el mismo dos días seguidos. Decía que el tiempo viene del \
     oeste y que el cielo de la tarde anuncia lo que la mañana va a traer. Nos sentamos en un banco delante de la casa y \
     miramos las luces del otro lado de la bahía hasta que fue demasiado oscuro para leer.",
    "Il vecchio porto si trova alla fine della strada, e le barche tornano la sera quando il vento è debole. La mattina la \
     gente della città scende verso l'acqua e aspetta la prima barca, perché il pesce è migliore quando è fresco. Una donna che \
     abitava lì da molti anni mi ha detto che il mare non era mai lo stesso per due giorni. Diceva che il tempo viene da \
     ovest e che il cielo della sera annuncia quello che la mattina porterà. Eravamo seduti su una panca davanti alla casa e \
     guardavamo le luci dall'altra parte della baia finché non fu troppo buio per leggere.",
    "O velho porto fica no fim da estrada, e os barcos voltam à tarde quando o vento está fraco. De manhã as pessoas da cidade \
     descem até à água e esperam pelo primeiro barco, porque o peixe é melhor quando está fresco. Uma mulher que vivia ali há \
     muitos anos disse-me que o mar nunca era o mesmo em dois dias seguidos. Dizia que o tempo vem do oeste e que o céu da \
     tarde anuncia o que a manhã vai trazer. Sentámo-nos num banco em frente da casa e olhámos para as luzes do outro lado da \
     baía até que não havia mais luz para ler.",
    "De oude haven ligt aan het einde van de weg, en de boten komen in de avond terug wanneer de wind zwak is. In de ochtend \
     lopen de mensen van de stad naar het water en wachten op de eerste boot, omdat de vis het beste is wanneer hij vers is. \
     Een vrouw die daar al vele jaren woonde vertelde mij dat de zee op geen twee dagen hetzelfde is. Zij zei dat het weer uit \
     het westen komt en dat de lucht in de avond laat zien wat de ochtend zal brengen. Wij zaten op een bank voor het huis en \
     keken naar de lichten aan de andere kant van de baai tot het te donker was om te lezen.",
    "Stary port leży na końcu drogi, a łodzie wracają wieczorem, kiedy wiatr jest słaby. Rano ludzie z miasta schodzą nad wodę \
     i czekają na pierwszą łódź, ponieważ ryba jest najlepsza, kiedy jest świeża. Kobieta, która mieszkała tam od wielu lat, \
     powiedziała mi, że morze nigdy nie jest takie samo przez dwa dni. Mówiła, że pogoda przychodzi z zachodu i że niebo \
     wieczorem pokazuje, co przyniesie ranek. Siedzieliśmy na ławce przed domem i patrzyliśmy na światła po drugiej stronie \
     zatoki, aż było zbyt ciemno, żeby czytać.",
    "Старая гавань лежит в конце дороги, и лодки возвращаются вечером, когда ветер слабый. Утром люди из города спускаются к \
     воде и ждут первую лодку, потому что рыба лучше всего, когда она свежая. Женщина, которая жила там много лет, сказала мне, \
     что море никогда не бывает одинаковым два дня подряд. Она говорила, что погода приходит с запада и что небо вечером \
     показывает, что принесёт утро. Мы сидели на скамейке перед домом и смотрели на огни на другой стороне залива, пока не \
     стало слишком темно, чтобы читать.",
];

/// Long enough to tell the language, and few enough of them for an interpreter to look at each.
const PARAGRAPH_BYTES: usize = 2_000;

/// A text of exactly so many bytes: paragraphs, one a line, each in one language.
pub fn text(random: &mut Random, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + PARAGRAPH_BYTES);
    while text.len() < bytes {
        let length = PARAGRAPH_BYTES / 2 + random.below(PARAGRAPH_BYTES);
        paragraph(random, length, &mut text);
        text.push('\n');
    }
    let end = (0..=bytes).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.truncate(end);
    while text.len() < bytes {
        text.push('.');
    }
    text
}

fn paragraph(random: &mut Random, bytes: usize, out: &mut String) {
    let passage = PASSAGES[random.below(PASSAGES.len())];
    let words: Vec<&str> = passage.split_whitespace().collect();
    let mut after: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, pair) in words.windows(2).enumerate() {
        after.entry(pair[0]).or_default().push(at + 1);
    }
    let end = out.len() + bytes;
    let mut at = 0;
    while out.len() < end {
        out.push_str(words[at]);
        out.push(' ');
        // The last word has none after it; and now and then a number makes what was never there before.
        at = after.get(words[at]).map_or(0, |next| next[random.below(next.len())]);
        if random.below(40) == 0 {
            out.push_str(&(random.next() % 10_000).to_string());
            out.push(' ');
        }
    }
}

/// A word of the text with two of its letters exchanged.
pub fn misspelt(random: &mut Random, text: &str) -> String {
    let words: Vec<Vec<char>> = text.split(|c: char| !c.is_alphabetic()).map(|word| word.chars().collect()).collect();
    let long: Vec<&Vec<char>> = words.iter().filter(|word| (5..=12).contains(&word.len())).collect();
    let mut word = long[random.below(long.len())].clone();
    let at = 1 + random.below(word.len() - 2);
    word.swap(at, at + 1);
    word.into_iter().collect()
}
