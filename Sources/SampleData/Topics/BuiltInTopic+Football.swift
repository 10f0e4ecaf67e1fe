extension BuiltInTopic {
    static let football = BuiltInTopic(
        name: "football",
        agents: [
            ["goalkeeper", "goalie"],
            ["striker", "center forward"],
            ["coach", "team manager"],
            ["referee", "match official"],
            ["+supporters", "+fans"],
        ],
        actions: [
            ["discussed/discussing", "talked about/talking about"],
            ["criticized/criticizing", "complained about/complaining about"],
            ["remembered/remembering", "recalled/recalling"],
            ["joked about/joking about", "made fun of/making fun of"],
            ["explained/explaining", "clarified/clarifying"],
        ],
        objects: [
            ["final", "championship game", "deciding match"],
            ["penalty", "spot kick"],
            ["defeat", "loss"],
            ["red card", "dismissal"],
            ["transfer", "change of club"],
        ],
        places: [
            ["in the locker room", "in the changing room"],
            ["on the team bus", "during the bus ride"],
            ["at the press conference", "in front of the reporters"],
            ["on the touchline", "at the edge of the pitch"],
        ])
}
