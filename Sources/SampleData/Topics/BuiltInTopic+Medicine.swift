extension BuiltInTopic {
    static let medicine = BuiltInTopic(
        name: "medicine",
        agents: [
            ["doctor", "physician"],
            ["nurse", "caregiver"],
            ["pharmacist", "druggist"],
            ["+paramedics", "+rescue medics"],
            ["midwife", "birth attendant"],
        ],
        actions: [
            ["examined/examining", "checked over/checking over"],
            ["treated/treating", "tended to/tending to"],
            ["advised/advising", "counseled/counseling"],
            ["comforted/comforting", "consoled/consoling"],
            ["vaccinated/vaccinating", "immunized/immunizing"],
        ],
        objects: [
            ["pregnant woman", "expectant mother"],
            ["toddler", "small child"],
            ["elderly man", "old gentleman", "senior citizen"],
            ["firefighter", "fireman"],
            ["+refugees", "+displaced people"],
        ],
        places: [
            ["in the hospital", "at the clinic"],
            ["in the ambulance", "inside the emergency vehicle"],
            ["on the ferry", "aboard the boat"],
            ["in the village", "in the small settlement"],
        ])
}
