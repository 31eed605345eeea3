"""Frequent given names of many languages, by which full names of persons are told from other words."""

_NAMES = """
aaron adam adrian aidan alan albert alejandro alessandro alex alexander alexandra alfred alice alicia alina
amanda amber amelia amy ana anders andre andrea andreas andrew angela angelika anita anja ann anna anne
annette anthony antoine anton antonio arjun arthur astrid barbara beatrice beatriz ben benjamin bernd
bernhard beth betty bettina bianca birgit bjorn bob bodil boris brandon brenda brian brigitte bruno camille
carl carla carlos carmen carol carolina caroline carolyn catherine cecilia charles charlotte cheng chiara
chloe chris christa christian christina christine christoph christopher claire clara claudia claus cristina
cynthia dan daniel daniela daniele david deborah denise dennis deepak diana diane diego dieter dirk dmitri
dmitry dominik donald donna dorothy doris douglas edith edward ekaterina elena eleni elias elisa elisabeth
elizabeth ella ellen emil emilia emily emma eric erica erik erika ernst esther eva evelyn fatima federica
felix fernando florian francesca francesco francisco frank franz fred frederik friedrich gabriel gabriela
gary georg george gerald gerhard gertrud giorgio giovanni giulia giuseppe gloria gonzalo grace greg gregory
guido gunnar gunther gustav hannah hans harald haruto harold harry hassan heather heidi heike heinrich heinz
helen helena helga helmut henri henry herbert hermann hiroshi holger hugo ian ibrahim ines inga inge ingrid
irene irina isaac isabel isabella isabelle ivan jack jacob jacqueline jake jakob james jan jane janet janice
jason javier jean jeffrey jennifer jens jeremy jerry jessica jesus jim joan joanna joao joe joerg joel johan
johann johanna johannes john johnny jonas jonathan jorge jose josef joseph joshua juan judith judy julia
julian julie juliette julius justin kai karen karin karl karsten katharina katherine kathleen kathryn katja
katrin keith kelly ken kenneth kenji kevin khalid kim klaus kristina kumar kurt kyle lakshmi lars laura
lauren lea leah leila lena leo leon leonie lewis li liam linda lisa lorenzo louis louise luca lucas lucia
lucy luis luisa lukas luke mads magdalena manuel manuela marc marcel marco marcus margaret margarita maria
mariam marianne marie marina mario marion mark marko markus marlene marta martha martin martina mary maryam
mateo mathias matteo matthew matthias maximilian megan mehmet melanie melissa mia michael michaela michel
michelle miguel mikhail miriam mohamed mohammed monica monika muhammad mustafa nadia nadine nancy naoko
natalia natalie natasha nathan nicholas nick nico nicolas nicole niklas nikolai nils nina noah norbert nora
oleg olga oliver olivia omar oscar oskar otto pablo pamela paola pascal patricia patrick paul paula pavel
pedro peter petra philip philipp philippe pia pierre pilar priya rachel rafael rahul raj rainer ralf ralph
ramon raul ravi rebecca regina renate rene ricardo richard rita robert roberta roberto robin roger roland
rolf romain ronald rosa rosemary roy rudolf russell ruth ryan sabine sakura sally salvatore sam samantha
samuel sandra sanjay sara sarah satoshi scott sean sebastian sergei sergey sergio sharon shirley sigrid
silke silvia simon simone sofia sonia sonja sophia sophie stefan stefanie stephan stephanie stephen steve
steven sunita susan susanne suzanne sven svetlana sylvia tanja tanya tatiana teresa thea theresa thomas
thorsten tim timothy tina tobias tom tomas tony tracy ulrich ulrike ursula ute uwe valentina vanessa vera
veronica veronika victor viktor vincent viktoria virginia vladimir walter wei wendy werner wilhelm william
willi wolfgang xavier yan yasmin yosef yuki yusuf yvonne zoe
"""
#: Given names in lower case.
GIVEN_NAMES = frozenset(_NAMES.split())
