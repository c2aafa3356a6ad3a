from bookreader.cli import main

main()
