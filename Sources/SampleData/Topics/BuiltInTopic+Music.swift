extension BuiltInTopic {
    static let music = BuiltInTopic(
        name: "music",
        agents: [
            ["pianist", "keyboard player"],
            ["choir", "chorus"],
            ["+violinists", "+fiddlers"],
            ["conductor", "orchestra leader"],
            ["street musician", "busker"],
        ],
        actions: [
            ["performed/performing", "presented/presenting"],
            ["rehearsed/rehearsing", "practiced/practicing"],
            ["composed/composing", "wrote/written/writing"],
            ["recorded/recording", "taped/taping"],
            ["rearranged/rearranging", "reworked/reworking"],
        ],
        objects: [
            ["waltz", "ballroom tune"],
            ["lullaby", "cradle song", "bedtime song"],
            ["march", "parade tune"],
            ["love song", "romantic ballad"],
            ["Christmas carol", "holiday hymn"],
        ],
        places: [
            ["in the concert hall", "at the auditorium"],
            ["in the church", "at the chapel"],
            ["in the park", "on the village green"],
            ["at the studio", "in the sound booth"],
        ])
}
