import TapestryCommands

TapestryCommand.main()
