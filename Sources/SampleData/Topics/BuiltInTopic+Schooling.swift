extension BuiltInTopic {
    static let schooling = BuiltInTopic(
        name: "schooling",
        agents: [
            ["teacher", "schoolmaster"],
            ["principal", "head of the school"],
            ["tutor", "private coach"],
            ["+parents", "+mothers and fathers"],
            ["exchange student", "foreign pupil"],
        ],
        actions: [
            ["corrected/correcting", "marked/marking"],
            ["explained/explaining", "clarified/clarifying"],
            ["copied/copying", "wrote down/written down/writing down"],
            ["praised/praising", "commended/commending"],
            ["lost/losing", "mislaid/mislaying"],
        ],
        objects: [
            ["=homework", "home assignment"],
            ["math problem", "arithmetic exercise"],
            ["essay", "written composition"],
            ["vocabulary list", "list of words"],
            ["poem", "rhyme"],
        ],
        places: [
            ["in the classroom", "at the blackboard"],
            ["in the library", "in the reading room"],
            ["in the schoolyard", "on the playground"],
            ["in the cafeteria", "at the lunch table"],
        ])
}
