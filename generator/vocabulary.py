"""The words a prompt is understood by, English and Japanese.

A Latin word matches whole words only; a Japanese one matches anywhere, because Japanese puts no
spaces between words. Tables are tried in order: the first hit in the prompt wins where two
settings or times are named.
"""

from __future__ import annotations

from collections.abc import Mapping

from generator.scene import Action, CameraMove, Lang, Setting, TimeOfDay, Weather

SETTINGS: Mapping[Setting, tuple[str, ...]] = {
    Setting.AVENUE: (
        *(
            "cherry",
            "cherries",
            "blossom",
            "blossoms",
            "sakura",
            "avenue",
            "boulevard",
            "promenade",
        ),
        *("park", "tree-lined", "桜", "さくら", "並木", "花見", "公園", "遊歩道"),
    ),
    Setting.SHORE: (
        *(
            "shore",
            "shoreline",
            "beach",
            "sea",
            "seaside",
            "ocean",
            "coast",
            "sand",
            "surf",
            "tide",
        ),
        *("the waves", "海", "浜", "渚", "海岸", "波打ち際", "海辺", "ビーチ"),
    ),
    Setting.STREET: (
        *("street", "streets", "city", "town", "downtown", "alley", "neon", "shopping street"),
        *("urban", "sidewalk", "pavement", "crosswalk", "tokyo", "shibuya", "街", "町", "通り"),
        *("路地", "都会", "商店街", "交差点", "ネオン", "繁華街"),
    ),
    Setting.ROOM: (
        *("room", "living room", "sofa", "couch", "indoors", "interior", "apartment", "at home"),
        *(
            "house",
            "home",
            "部屋",
            "居間",
            "リビング",
            "室内",
            "ソファ",
            "茶の間",
            "家の中",
            "自宅",
        ),
    ),
}

# Places that cannot be drawn, with the setting that comes nearest.
NEAREST: Mapping[Setting, tuple[str, ...]] = {
    Setting.AVENUE: (
        *(
            "forest",
            "woods",
            "jungle",
            "garden",
            "meadow",
            "field",
            "mountain",
            "mountains",
            "hill",
        ),
        *("orchard", "farm", "village", "temple", "shrine", "camp", "森", "林", "庭", "山", "野原"),
        *("畑", "田んぼ", "神社", "寺", "草原"),
    ),
    Setting.SHORE: (
        *("lake", "river", "pool", "harbour", "harbor", "pier", "island", "desert", "boat", "ship"),
        *("underwater", "lagoon", "湖", "川", "島", "港", "砂漠", "船", "プール"),
    ),
    Setting.STREET: (
        *("market", "station", "airport", "bridge", "highway", "road", "bar", "club", "stadium"),
        *("rooftop", "mall", "train", "bus", "car", "駅", "市場", "橋", "道路", "空港", "電車"),
        *("屋上", "バー"),
    ),
    Setting.ROOM: (
        *("kitchen", "bedroom", "office", "cafe", "café", "restaurant", "classroom", "library"),
        *("school", "hospital", "studio", "museum", "castle", "stage", "spaceship", "台所", "寝室"),
        *("会社", "オフィス", "カフェ", "喫茶店", "レストラン", "教室", "図書館", "学校", "病院"),
    ),
}

NAMES: Mapping[Setting, str] = {
    Setting.AVENUE: "an avenue of cherry trees",
    Setting.SHORE: "a shore",
    Setting.STREET: "a city street after rain",
    Setting.ROOM: "a living room",
}

TIMES: Mapping[TimeOfDay, tuple[str, ...]] = {
    TimeOfDay.MORNING: (
        *("morning", "dawn", "sunrise", "daybreak", "朝", "夜明け", "明け方", "日の出"),
    ),
    TimeOfDay.DUSK: (
        *("dusk", "sunset", "evening", "twilight", "golden hour", "夕", "黄昏", "たそがれ"),
        *("日没", "日暮れ"),
    ),
    TimeOfDay.NIGHT: ("night", "midnight", "moonlight", "moonlit", "夜", "深夜", "月明かり"),
    TimeOfDay.DAY: (
        *("day", "daytime", "noon", "midday", "afternoon", "sunny", "sunshine", "昼", "午後"),
        *("真昼", "日中"),
    ),
}

USUAL_TIME: Mapping[Setting, TimeOfDay] = {
    Setting.AVENUE: TimeOfDay.DUSK,
    Setting.SHORE: TimeOfDay.DUSK,
    Setting.STREET: TimeOfDay.NIGHT,
    Setting.ROOM: TimeOfDay.DAY,
}

AFTER_RAIN = (
    "after rain",
    "after the rain",
    "after a rain",
    "after it rained",
    "雨上がり",
    "雨あがり",
)

WEATHERS: Mapping[Weather, tuple[str, ...]] = {
    Weather.SNOW: ("snow", "snows", "snowy", "snowing", "snowfall", "雪"),
    Weather.RAIN: (
        "rain",
        "rains",
        "rainy",
        "raining",
        "rainfall",
        "drizzle",
        "storm",
        "stormy",
        "雨",
    ),
    Weather.CLOUDY: ("cloudy", "overcast", "grey sky", "gray sky", "曇"),
    Weather.CLEAR: ("clear", "sunny", "cloudless", "晴"),
}

MOVES: Mapping[CameraMove, tuple[str, ...]] = {
    CameraMove.PAN_LEFT: (
        *("pan left", "pans left", "panning left", "pan to the left", "pans to the left"),
        *("左にパン", "左へパン"),
    ),
    CameraMove.PAN_RIGHT: (
        *("pan right", "pans right", "panning right", "pan", "pans", "panning", "右にパン"),
        *("右へパン", "パン"),
    ),
    CameraMove.DOLLY_OUT: (
        *("dolly out", "dollies out", "zoom out", "zooms out", "pull back", "pulls back"),
        *("pull out", "ズームアウト", "引いて", "ドリーアウト"),
    ),
    CameraMove.DOLLY_IN: (
        *("dolly in", "dollies in", "zoom in", "zooms in", "push in", "pushes in", "dolly"),
        *("close in", "closes in", "ズームイン", "近づく", "寄って", "ドリー"),
    ),
    CameraMove.TRACKING: (
        *(
            "tracking",
            "tracking shot",
            "follow",
            "follows",
            "following",
            "トラッキング",
            "追いかけ",
        ),
        *("追って",),
    ),
    CameraMove.ORBIT: (
        *("orbit", "orbits", "orbiting", "circles around", "circling", "arc shot", "回り込"),
        *("周りを回",),
    ),
    CameraMove.HANDHELD: ("handheld", "hand-held", "shaky", "documentary", "手持ち", "手ブレ"),
    CameraMove.STATIC: (
        *("static", "still camera", "fixed camera", "locked off", "tripod", "固定"),
    ),
}

# Camera moves that cannot be made, with the one that comes nearest.
NEAREST_MOVE: Mapping[CameraMove, tuple[str, ...]] = {
    CameraMove.DOLLY_OUT: ("crane", "drone", "aerial", "空撮", "ドローン", "クレーン"),
    CameraMove.STATIC: ("tilt", "tilts", "ティルト"),
}

ACTIONS: Mapping[Action, tuple[str, ...]] = {
    Action.WAVE: (*("wave", "waves", "waving", "greet", "greets", "手を振", "手をふ"),),
    Action.WALK: (
        *("walk", "walks", "walking", "stroll", "strolls", "strolling", "run", "runs", "running"),
        *("jog", "jogs", "jogging", "wander", "wanders", "歩", "散歩", "走", "ぶらぶら"),
    ),
    Action.TALK: (
        *("talk", "talks", "talking", "speak", "speaks", "speaking", "say", "says", "saying"),
        *("tell", "tells", "chat", "chats", "chatting", "explains", "話", "言", "喋", "しゃべ"),
        *("語", "会話"),
    ),
    Action.STAND: (
        *("stand", "stands", "standing", "wait", "waits", "waiting", "sit", "sits", "sitting"),
        *("look", "looks", "looking", "立", "待", "座", "眺"),
    ),
}

# What cannot be shown as asked, with what is shown.
INSTEAD: Mapping[str, str] = {
    "run": "walks",
    "runs": "walks",
    "running": "walks",
    "jog": "walks",
    "jogs": "walks",
    "jogging": "walks",
    "走": "walks",
    "sit": "stands",
    "sits": "stands",
    "sitting": "stands",
    "座": "stands",
}

SMALL_TALK: Mapping[tuple[Setting, Lang], tuple[str, str]] = {
    (Setting.AVENUE, "en"): (
        "The cherry trees are in full bloom.",
        "I could walk here all evening.",
    ),
    (Setting.AVENUE, "ja"): ("桜が満開ですね。", "ずっと歩いていたいですね。"),
    (Setting.SHORE, "en"): ("Listen to the sea.", "The light on the water is lovely."),
    (Setting.SHORE, "ja"): ("波の音が聞こえますね。", "海がきらきらしています。"),
    (Setting.STREET, "en"): ("The rain has stopped at last.", "Look at all the lights."),
    (Setting.STREET, "ja"): ("やっと雨が上がりましたね。", "街の灯りがきれいです。"),
    (Setting.ROOM, "en"): ("It is good to be home.", "Shall we have some tea?"),
    (Setting.ROOM, "ja"): ("やっぱり家は落ち着きますね。", "お茶にしましょうか。"),
}
