rootProject.name = "levelkit"
