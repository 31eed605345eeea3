"""Frequent names of many languages and scripts, by which names of persons are told from other words."""

import re
import unicodedata


def without_marks(text: str) -> str:
    """Leave out signs that are written with letters, such as the vowels of Hindi and Arabic."""
    return text if text.isascii() else "".join(one for one in text if unicodedata.category(one)[0] != "M")


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
_OTHER_SCRIPTS = """
александр алексей анатолий андрей анна антон артём артем борис вадим валентина валерий василий вера
виктор виктория виталий владимир вячеслав галина георгий григорий дарья денис дмитрий евгений евгения
екатерина елена елизавета иван игорь илья ирина кирилл константин ксения лариса леонид любовь людмила
максим маргарита марина мария михаил надежда наталья наталия никита николай нина оксана олег ольга павел
пётр петр полина роман светлана семён сергей софия станислав степан тамара татьяна тимофей фёдор федор
юлия юрий яна ярослав олександр олексій андрій дмитро іван катерина микола наталія олена оксана петро
сергій тетяна юлія георги димитър иванка николай петър стефан тодор محمد أحمد احمد علي عمر عثمان حسن حسين
حسام خالد سعيد سعد عبد عبدالله عبدالرحمن يوسف إبراهيم ابراهيم مصطفى محمود طارق ياسر كريم فاطمة عائشة
خديجة مريم زينب سارة نور ليلى هدى أمل سلمى رنا منى هند رضا مهدی علی حسین زهرا فاطمه مریم امیر משה דוד
יוסף אברהם יעקב יצחק שרה רחל רבקה לאה מרים חנה נועה יעל אורי איתי γιώργος γεώργιος δημήτρης δημήτριος
κωνσταντίνος γιάννης ιωάννης νίκος νικόλαος μαρία ελένη κατερίνα αικατερίνη βασίλης अमित राहुल प्रिया
सुनीता अनीता राजेश सुरेश रमेश संजय विजय पूजा नेहा
"""
#: Given names in lower case.
GIVEN_NAMES = frozenset((*_NAMES.split(), *without_marks(_OTHER_SCRIPTS).split()))
#: Fathers' names, which Russian and Ukrainian names have.
FATHERS_NAME = re.compile(r".{3,}(ович|евич|ьич|овна|евна|ична|інична|івна|ївна)", re.IGNORECASE)
#: Family names that begin most Chinese, Korean and Japanese names.
_CHINESE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏"
    "吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万"
    "覃武钱戴严莫孔向常汤張劉陳楊黃趙吳孫馬羅鄭謝許韓"
)
_KOREAN = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진"
_JAPANESE = """
佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林
斎藤 斉藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 前田 藤田 小川 後藤 岡田 長谷川 村上 近藤
石井 坂本 遠藤 青木 藤井 西村 福田 太田 三浦 藤原 岡本 松田 中川 中野 原田 小野 田村 竹内 金子
和田 中山 石田 上田 森田 原 柴田 酒井 工藤 横山 宮崎 宮本 内田 高木 安藤 谷口 大野 丸山 今井 高田
菅原 河野 武田 藤本 上野
"""
_EAST_ASIAN = re.compile(
    rf"[{_CHINESE}][\u4e00-\u9fff]{{1,2}}|[{_KOREAN}][\uac00-\ud7a3]{{2}}"
    rf"|({'|'.join(_JAPANESE.split())})[ \u3000]?[\u3040-\u30ff\u4e00-\u9fff]{{1,4}}"
)


def east_asian_family(text: str) -> str:
    """Name the family name in a Chinese, Korean or Japanese name without spaces; empty for another text."""
    return text[:1] if _EAST_ASIAN.fullmatch(text) else ""
