// @ts-check
// What the simulated model knows. Each answer is told in two ways that differ from the second sentence on, and
// holds letters and signs of more than one byte, because that is where careless decoders break.

/**
 * @typedef {object} Topic
 * @property {RegExp} words a question with one of them is about the topic
 * @property {(quoted: string) => string} opening the first sentence, in both tellings
 * @property {(quoted: string) => string} detour the first sentence when the question is about something else
 * @property {readonly string[]} told paragraphs
 * @property {readonly string[]} retold the same in other words
 */

/** @type {readonly Topic[]} */
export const topics = [
  {
    words: /\b(kelp|seaweed|holdfast|alga|coast|rock|ocean|sea\b)/i,
    opening: (quoted) => `You ask ${quoted}, and the short answer is an organ called the holdfast.`,
    detour: (quoted) =>
      `${quoted} is beyond a simulated model, so let me tell you about something that holds: kelp.`,
    told: [
      'It looks like a root but does none of a root’s work: the blades take their food straight from the water, and the holdfast does nothing but hold. Dozens of branching fingers, the haptera, creep into every crack of the rock and set there like cold glue.',
      'That is enough to keep a plant as tall as a twelve-storey house in place through a winter of storms. In the Tangwälder around Helgoland and off Ålesund the forest leans with every swell and stands up again a moment later 🌊. It survives because it gives way everywhere except at one point.',
      'The hold is also a home. Pull one up, and brittle stars, worms and young crabs tumble out from between the fingers. And when a storm does win, the plant often sails away with its stone still in its grip, which is a stubborn way to lose. 🌿',
    ],
    retold: [
      'A root feeds its plant; this one only grips. Small fingers grow downwards one above the other, press themselves against the stone and harden, and each year adds a new ring of them over the old.',
      'What happens above is then of little concern. Fronds of forty metres give way to each wave, off Ålesund as in the Tangwälder of Helgoland, and lose a few torn ends 🌿; the next calm week makes up for them, as giant kelp can grow by half a metre in a day.',
      'Divers who look closely find a small town in there: brittle stars, sponges, the eggs of fish. So much life depends on one firm connection that biologists count a single holdfast as a habitat of its own, and a storm that tears it loose sends the whole town to sea. 🌊',
    ],
  },
  {
    words: /\b(tide|moon|beach|harbou?r|wave|water)/i,
    opening: (quoted) => `You ask ${quoted}, and the moon deserves the first word.`,
    detour: (quoted) =>
      `${quoted} is too much for a simulated model, but I can tell you with confidence about tides.`,
    told: [
      'It pulls a little harder on the near side of the earth than on the far side, and that small difference, not the pull itself, raises the sea. The planet turns underneath two long, low swellings, and so most coasts see high water twice a day, some twelve hours and twenty-five minutes apart.',
      'The rest is geography. In the open ocean the difference is about half a metre; a bay of the right length lets the water swing like soup in a carried bowl 🌙. At Saint-Malo it climbs a dozen metres, at Büsum a little over three, and near Rügen you need patience to notice it at all.',
      'Nobody solves this anew each morning. The rhythm of every harbour is taken apart into dozens of simple waves, measured once and added up for years ahead; in 1872 that was done with brass pulleys and a cord. Only the wind still surprises the table. ⚓',
    ],
    retold: [
      'What counts is that its pull grows weaker with distance: the water that faces it is drawn a little more, the water behind us a little less. Both sides bulge, we turn through both, and the sea comes and goes roughly every six hours.',
      'How far it goes depends on the shape of the shore. A funnel gathers the rise, which is why Saint-Malo measures a dozen metres and has causeways that vanish ⚓, while the Baltic, with its narrow door, hardly moves: on Rügen a hand’s breadth counts as much. Büsum lies in between, with mud to the horizon for half of the day.',
      'When sun and moon stand in line, their effects add up to a spring tide; a week later they quarrel, and the sea stays near its middle 🌙. Both can be computed for centuries ahead. The storm that adds another metre cannot, and so the harbour master still looks out of the window.',
    ],
  },
  {
    words: /\b(light|lamp|keeper|tower|night|ship|sailor)/i,
    opening: (quoted) => `You ask ${quoted}, and the best answers come from people who stayed awake.`,
    detour: (quoted) =>
      `${quoted} goes over the head of a simulated model, which would rather speak about lighthouses.`,
    told: [
      'For most of history a light meant a person beside it. Keepers trimmed the wick, wound the clockwork that turned the lens and noted the weather every few hours, because a lamp that goes out tells a ship something false: that there is no rock here.',
      'In 1823 the tower of Cordouan received the first lens by Augustin Fresnel, rings of prisms that gather a modest flame into a beam seen for thirty kilometres 💡. From then on each station could have a rhythm of its own. Île Vierge gives one flash every five seconds, others a group and a pause, and whoever counts knows where they are.',
      'Today nearly all of them work alone, from Fårö to the Cape. A spare lamp swings into place by itself, and when that fails too, a monitor ashore hears of it within seconds. The rule has not changed: it is no shame to fail, only to fail silently. ⛵',
    ],
    retold: [
      'They lived by a simple duty, that the light must be seen or its absence explained. Oil was carried up before dusk, glass was polished until noon, and the logbook lists storms in the same calm hand as birthdays.',
      'The great change came from optics. Augustin Fresnel arranged prisms in rings, and from 1823 on the lens at Cordouan threw nearly all of its flame towards the horizon 💡. Clockwork made the beam turn, and the turning made it a signature: Île Vierge flashes once in five seconds, and no captain takes it for its neighbour.',
      'Fårö lost its keepers long ago, and so have most of the towers you can see. Relays watch the bulb and change it; a second supply waits for the first to fail ⛵. What they inherited is a sense of honesty, since a wrong light has wrecked more ships than a dark one that everybody knew to be dark.',
    ],
  },
  {
    words: /\b(network|internet|connection|stream|packet|retry|server|timeout|token|model)/i,
    opening: (quoted) =>
      `You ask ${quoted}, and it helps to think of a long row of people who pass on buckets.`,
    detour: (quoted) =>
      `${quoted} exceeds what a simulated model can know, so here is what it knows best: networks.`,
    told: [
      'None of them sees the whole way. Each takes what arrives, hands it to the next and forgets it, and if one slips, nobody calls back to the beginning. That the water still arrives is due to the two ends, which number the buckets, count them and ask again for the ones that are missing.',
      'The hardest message is silence. A server that thinks, a router that has forgotten you and a cable that was cut between Malmö and São Paulo all sound the same 📡: nothing comes. Only a clock can tell them apart, and every clock is a guess about how long patience makes sense.',
      'So good programs promise little and check much. They wait for a while, try again after a pause that grows and varies, stop before they become a burden, and say plainly what they have and what is missing. It is not elegant. It is why you can read this to its end. ✨',
    ],
    retold: [
      'A bucket may be dropped anywhere along the line, and those in the middle neither know nor care. All of the care sits at the ends: numbers on the buckets, a tally, and a polite request for those that did not come.',
      'What no tally can show is the reason for a pause. Perhaps the well is slow today; perhaps someone between São Paulo and Malmö has gone home 📡. You can only decide beforehand how long you are willing to look at an empty hand, and that decision is called a timeout.',
      'In the early seventies the radio network of Hawaiʻi taught a second lesson. When two stations spoke at once, both fell silent and each waited for a time drawn by lot, since those who try again at the same moment collide at the same moment. Patience, chance and an honest count: the field has added little since. ✨',
    ],
  },
]
